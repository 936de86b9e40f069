import {
  type LeasePlace,
  leaseResource,
  type NodeName,
  type PhaseLease,
  type PhaseName,
  ServedLease,
  type ServedLeaseParts,
  TuringPiError,
} from '@turingpi/core/plugin';
import type { Question, StateRequests } from './state-requests.js';

const GIVE_BACK_MS = 3000;

/** What a lease is made of. */
export interface HttpLeaseParts extends ServedLeaseParts {
  readonly beatMs: number;
  readonly requests: StateRequests;
  /** Made by who holds it: asked for twice, it is given once. */
  readonly id: string;
  readonly place: LeasePlace;
}

/** A lease that a server keeps for its client. */
export class HttpLease extends ServedLease {
  constructor(private readonly parts: HttpLeaseParts) {
    super(leaseResource(parts.place), parts, { kind: 'server', location: parts.requests.location });
  }

  /** What is asked about it: the server keeps nothing in mind of what it holds. */
  question(method: Question['method'], what: readonly string[] = [], body?: unknown): Question {
    const { id, place } = this.parts;
    return { method, path: ['leases', id, ...what], query: { ...place }, body };
  }

  protected override look(): Promise<boolean> {
    return this.#unlessLost(this.parts.requests.ask(this.question('GET'), { signal: this.signal }));
  }

  protected override renew(): Promise<boolean> {
    const patience = { patienceMs: 0, answerMs: this.signMs };
    return this.#unlessLost(this.parts.requests.ask(this.question('POST', ['sign']), patience));
  }

  protected override async giveBack(): Promise<void> {
    await this.parts.requests.ask(this.question('DELETE'), { patienceMs: GIVE_BACK_MS });
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
