import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** A request through a {@link VerifiedAgent}. */
export interface VerifiedRequest extends RequestOptions {
  /** Ends the opening of a connection for it. Destroying the request does not, and Node keeps `signal` to itself. */
  readonly opening: AbortSignal;
}

/**
 * An agent that hands a socket to a request only after its peer was verified, so that no credential can reach
 * a board that is not the trusted one.
 */
export class VerifiedAgent extends Agent {
  readonly #open: (signal?: AbortSignal) => Promise<TLSSocket>;

  /** @param open - connects and verifies, until its signal fires; every request of this agent goes where it leads */
  constructor(open: (signal?: AbortSignal) => Promise<TLSSocket>, options: AgentOptions) {
    super(options);
    this.#open = open;
  }

  /** Closes connections, and behind a request under way also the one that it opens anew. */
  override destroy(): void {
    this.keepSocketAlive = () => false; // as Node documents it, which asks for each socket that is free again
    super.destroy();
  }

  /** Called by Node for each new socket; the connection arrives through the callback. */
  override createConnection(
    { opening }: Partial<VerifiedRequest>,
    connected?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    // Node's own callback takes the error alone when there is one.
    const failed = connected as ((error: Error) => void) | undefined;
    this.#open(opening).then(
      (socket) => connected?.(null, socket),
      (cause: unknown) => failed?.(cause instanceof Error ? cause : new Error(String(cause))),
    );
  }
}
