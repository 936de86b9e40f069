import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/**
 * An agent that hands a socket to a request only after its peer was verified, so that no credential can reach
 * a board that is not the trusted one.
 */
export class VerifiedAgent extends Agent {
  readonly #open: () => Promise<TLSSocket>;

  /** @param open - connects and verifies; every request of this agent goes where it leads */
  constructor(open: () => Promise<TLSSocket>, options: AgentOptions) {
    super(options);
    this.#open = open;
  }

  /** Called by Node for each new socket; the connection arrives through the callback. */
  override createConnection(
    _options: unknown,
    connected?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    // Node's own callback takes the error alone when there is one.
    const failed = connected as ((error: Error) => void) | undefined;
    this.#open().then(
      (socket) => connected?.(null, socket),
      (cause: unknown) => failed?.(cause instanceof Error ? cause : new Error(String(cause))),
    );
  }
}
