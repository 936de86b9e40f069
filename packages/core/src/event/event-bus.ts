import type { Logger } from '@turingpi/foundation';
import type { Node } from '../node/node.js';
import type { EventListener, TuringPiEvent } from './event.js';

// Omit over a union must be applied to each member, or only the common keys are left.
type WithoutNode<E> = E extends unknown ? Omit<E, 'nodeId' | 'hostname' | 'at'> : never;

/** What a listener really is in JavaScript: it may return anything, a promise for example. */
type Observer = (event: TuringPiEvent) => unknown;

/** Tells listeners what happens. Listeners observe: what they throw is logged and changes nothing. */
export class EventBus {
  readonly #listeners = new Set<Observer>();

  constructor(
    private readonly logger: Logger,
    private readonly now: () => Date,
  ) {}

  /** @returns Ends the subscription when called. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  emit(node: Node, event: WithoutNode<TuringPiEvent>): void {
    const complete = Object.freeze({
      ...event,
      nodeId: node.id,
      hostname: node.hostname,
      at: this.now().toISOString(),
    });
    const logFailure = (error: unknown) =>
      this.logger.warn({ err: error, event: event.type }, 'an event listener failed');
    for (const listener of this.#listeners) {
      try {
        // A listener may turn out to be asynchronous: its rejection must not end the process as an unhandled one.
        const result = listener(complete);
        if (result instanceof Promise) result.catch(logFailure);
      } catch (error) {
        logFailure(error);
      }
    }
  }
}
