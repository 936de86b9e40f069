import { setMaxListeners } from 'node:events';
import {
  Heartbeat,
  type Lease,
  type Logger,
  type NodeName,
  type PhaseLease,
  type PhaseName,
  StateError,
  TuringPiError,
} from '@turingpi/core/plugin';
import type { StateRequests } from './state-requests.js';

/** How much of its time a holder that does not reach the server goes on: the rest is for what it has begun. */
const OWN_SHARE = 0.6;
const GIVE_BACK_MS = 3000;

/** What a lease is made of. */
export interface HttpLeaseParts {
  readonly requests: StateRequests;
  /** Made by who holds it: asked for twice, it is given once. */
  readonly id: string;
  readonly resource: string;
  readonly fence: number;
  readonly ttlMs: number;
  readonly beatMs: number;
  /** When it was asked for, by the clock of `performance`: the server gave it later than that. */
  readonly since: number;
  readonly logger: Logger;
}

/** A lease that a server keeps for its client, as long as that gives signs of life; its signal fires before its time is over. */
export class HttpLease implements Lease {
  readonly #lost = new AbortController();
  readonly #heartbeat: Heartbeat;
  #selfStop: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(private readonly parts: HttpLeaseParts) {
    setMaxListeners(0, this.signal);
    this.#arm(parts.since);
    this.#heartbeat = new Heartbeat(() => this.#renew(), parts.beatMs, parts.logger);
  }

  get id(): string {
    return this.parts.id;
  }

  get resource(): string {
    return this.parts.resource;
  }

  get fence(): number {
    return this.parts.fence;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async isHeld(): Promise<boolean> {
    if (this.signal.aborted) return false;
    const { requests, id } = this.parts;
    return this.#unlessLost(requests.ask({ method: 'GET', path: ['leases', id] }, { signal: this.signal }));
  }

  /** It is somebody else's, or nobody's: tells who listens. @returns The reason. */
  lose(reason: unknown): unknown {
    this.end();
    this.#lost.abort(reason);
    return reason;
  }

  /** Ends the signs of life. */
  end(): void {
    clearTimeout(this.#selfStop);
    this.#heartbeat.end();
    this.#hasEnded = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded && !this.signal.aborted) return;
    this.end();
    const { requests, id } = this.parts;
    await requests.ask({ method: 'DELETE', path: ['leases', id] }, { patienceMs: GIVE_BACK_MS });
  }

  async #renew(): Promise<void> {
    const { requests, id, beatMs } = this.parts;
    const since = performance.now();
    const question = { method: 'POST', path: ['leases', id, 'sign'] } as const;
    const patience = { patienceMs: 0, answerMs: Math.max(beatMs, 1000) };
    if ((await this.#unlessLost(requests.ask(question, patience))) && !this.#hasEnded) this.#arm(since);
  }

  async #unlessLost(answer: Promise<unknown>): Promise<boolean> {
    try {
      await answer;
      return true;
    } catch (error) {
      if (!TuringPiError.is(error) || error.code !== 'STATE_LEASE_LOST') throw error;
      if (!this.#hasEnded) this.lose(error);
      return false;
    }
  }

  #arm(since: number): void {
    clearTimeout(this.#selfStop);
    const leftMs = since + this.parts.ttlMs * OWN_SHARE - performance.now();
    this.#selfStop = setTimeout(() => this.lose(this.#unheard()), Math.max(0, leftMs));
    this.#selfStop.unref();
  }

  #unheard(): StateError {
    const { requests, ttlMs, resource } = this.parts;
    const seconds = Math.round((ttlMs * OWN_SHARE) / 1000);
    return new StateError(
      'STATE_LEASE_LOST',
      `${resource} could not be kept: no sign of life has reached ${requests.location} for ${seconds} s`,
      {
        hint: 'See that the server is reached from here, and run again. Another computer may go on meanwhile.',
        details: { resource },
      },
    );
  }
}

/** The lease of a phase, whose journal it counts. */
export class HttpPhaseLease extends HttpLease implements PhaseLease {
  constructor(
    parts: HttpLeaseParts,
    readonly node: NodeName,
    readonly phase: PhaseName,
    /** How many entries its journal has; undefined where it keeps none. */
    public entries: number | undefined,
  ) {
    super(parts);
  }
}
