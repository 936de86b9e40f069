import type { Logger } from '@turingpi/foundation';
import type { Node } from '../node/node.js';
import type { EventListener, TuringPiEvent } from './event.js';
import { tellListener } from './tell-listener.js';

// Omit over a union must be applied to each member, or only the common keys are left.
type WithoutNode<E> = E extends unknown ? Omit<E, 'nodeId' | 'hostname' | 'board' | 'at'> : never;

/** Tells listeners what happens. Listeners observe: what they throw is logged and changes nothing. */
export class EventBus {
  readonly #listeners = new Set<EventListener>();

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
      ...(node.board === undefined ? {} : { board: node.board }),
      at: this.now().toISOString(),
    });
    const logFailure = (error: unknown) =>
      this.logger.warn({ err: error, event: event.type }, 'an event listener failed');
    for (const listener of this.#listeners) tellListener(listener, complete, logFailure);
  }
}
