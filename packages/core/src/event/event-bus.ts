import type { Logger } from '../logging/logger.js';
import type { Node } from '../node/node.js';
import type { EventListener, TuringPiEvent } from './event.js';

// Omit over a union must be applied to each member, or only the common keys are left.
type WithoutNode<E> = E extends unknown ? Omit<E, 'nodeId' | 'hostname' | 'at'> : never;

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
    const complete = {
      ...event,
      nodeId: node.id,
      hostname: node.hostname,
      at: this.now().toISOString(),
    };
    for (const listener of this.#listeners) {
      try {
        listener(complete);
      } catch (error) {
        this.logger.warn({ err: error, event: event.type }, 'an event listener failed');
      }
    }
  }
}
