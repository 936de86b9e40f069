import {
  type NodeName,
  type PhaseLease,
  type PhaseName,
  ServedLease,
  type ServedLeaseParts,
  TuringPiError,
} from '@turingpi/core/plugin';
import type { StateRequests } from './state-requests.js';

const GIVE_BACK_MS = 3000;

/** What a lease is made of. */
export interface HttpLeaseParts extends ServedLeaseParts {
  readonly requests: StateRequests;
  /** Made by who holds it: asked for twice, it is given once. */
  readonly id: string;
  readonly resource: string;
}

/** A lease that a server keeps for its client. */
export class HttpLease extends ServedLease {
  constructor(private readonly parts: HttpLeaseParts) {
    super(parts.resource, parts, { kind: 'server', location: parts.requests.location });
  }

  get id(): string {
    return this.parts.id;
  }

  protected override look(): Promise<boolean> {
    const { requests, id } = this.parts;
    return this.#unlessLost(requests.ask({ method: 'GET', path: ['leases', id] }, { signal: this.signal }));
  }

  protected override renew(): Promise<boolean> {
    const { requests, id, beatMs } = this.parts;
    const question = { method: 'POST', path: ['leases', id, 'sign'] } as const;
    const patience = { patienceMs: 0, answerMs: Math.max(beatMs, 1000) };
    return this.#unlessLost(requests.ask(question, patience));
  }

  protected override async giveBack(): Promise<void> {
    const { requests, id } = this.parts;
    await requests.ask({ method: 'DELETE', path: ['leases', id] }, { patienceMs: GIVE_BACK_MS });
  }

  async #unlessLost(answer: Promise<unknown>): Promise<boolean> {
    try {
      await answer;
      return true;
    } catch (error) {
      if (!TuringPiError.is(error) || error.code !== 'STATE_LEASE_LOST') throw error;
      if (!this.hasEnded) this.lose(error);
      return false;
    }
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
