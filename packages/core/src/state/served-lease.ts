import { setMaxListeners } from 'node:events';
import type { Logger } from '@turingpi/foundation';
import { StateError } from '../errors/state-error.js';
import { Heartbeat } from './heartbeat.js';
import type { DistantLease } from './distant-holder.js';

/**
 * How much of its time a holder that cannot reach the server goes on. The rest is for what it has begun: a request under way
 * ends before somebody else may begin.
 */
const OWN_SHARE = 0.6;
/** That many signs of life fit into it, however long each is waited for: one that is answered late counts as well. */
const SIGNS = 3;

/** What a lease is made of, whatever server keeps it. */
export interface ServedLeaseParts {
  readonly fence: number;
  readonly ttlMs: number;
  /** Between two signs of life; undefined where its holder, who is elsewhere, gives them by `sign`. */
  readonly beatMs: number | undefined;
  /** When the request for it was sent, by the clock of `performance`: the server gave it later than that. */
  readonly since: number;
  readonly logger: Logger;
}

/** The server that keeps a lease, in words. */
export interface LeaseServer {
  readonly kind: 'database' | 'server';
  readonly location: string;
}

/**
 * A lease whose time is counted by a server. It is renewed again and again; where that does not succeed, its signal fires
 * well before the server gives it to somebody else.
 */
export abstract class ServedLease implements DistantLease {
  readonly #lost = new AbortController();
  readonly #heartbeat: Heartbeat | undefined;
  #selfStop: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(
    readonly resource: string,
    private readonly term: ServedLeaseParts,
    private readonly server: LeaseServer,
  ) {
    setMaxListeners(0, this.signal);
    if (term.beatMs === undefined) return;
    this.#arm(term.since);
    this.#heartbeat = new Heartbeat(() => this.#beat(), term.beatMs, term.logger);
  }

  get fence(): number {
    return this.term.fence;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async isHeld(): Promise<boolean> {
    return !this.signal.aborted && (await this.look());
  }

  /** Gives a sign of life by itself, for a holder elsewhere. @throws StateError `STATE_LEASE_LOST` */
  async sign(): Promise<void> {
    if ((await this.renew()) || (await this.isHeld())) return;
    throw this.signal.reason;
  }

  /** It is somebody else's, or nobody's: tells who listens. @returns The reason. */
  lose<E>(reason: E): E {
    this.end();
    this.#lost.abort(reason);
    return reason;
  }

  /** Ends the signs of life. */
  end(): void {
    clearTimeout(this.#selfStop);
    this.#heartbeat?.end();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.onEnd();
  }

  /** Gives it back, whatever became of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded && !this.signal.aborted) return;
    this.end();
    await this.giveBack();
  }

  /** How long a sign of life may be under way, in milliseconds. */
  protected get signMs(): number {
    return Math.max(1000, (this.term.ttlMs * OWN_SHARE) / SIGNS);
  }

  protected get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Asks the server whether it is still this holder's. Where it is not, it is lost. */
  protected abstract look(): Promise<boolean>;

  /** Gives the server a sign of life. @returns Whether it took that; where the lease is not this holder's, it is lost. */
  protected abstract renew(): Promise<boolean>;

  protected abstract giveBack(): Promise<void>;

  /** Called once when it is over, however it ended. */
  protected onEnd(): void {
    // Nothing else is to be done for most.
  }

  async #beat(): Promise<void> {
    const since = performance.now();
    if ((await this.renew()) && !this.#hasEnded) this.#arm(since);
  }

  #arm(since: number): void {
    clearTimeout(this.#selfStop);
    const leftMs = since + this.term.ttlMs * OWN_SHARE - performance.now();
    this.#selfStop = setTimeout(() => this.lose(this.#unheard()), Math.max(0, leftMs));
    this.#selfStop.unref();
  }

  #unheard(): StateError {
    const { resource, server } = this;
    const seconds = Math.round((this.term.ttlMs * OWN_SHARE) / 1000);
    return new StateError(
      'STATE_LEASE_LOST',
      `${resource} could not be kept: no sign of life has reached ${server.location} for ${seconds} s`,
      {
        hint: `See that the ${server.kind} is reached from here, and run again. Another computer may go on meanwhile.`,
        details: { resource },
      },
    );
  }
}
