import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AcquireOptions,
  type BoardRecord,
  ChangeFeed,
  type ClusterState,
  type JournalEntry,
  journalEntrySchema,
  type Lease,
  type LeaseHolder,
  type LeasePlace,
  type LeaseTimings,
  type LeaseWatch,
  type Logger,
  type NodeChange,
  type NodeName,
  type PhaseClaim,
  type PhaseName,
  readRecords,
  type RecordChange,
  type RecordedChange,
  type SharedPapers,
  type SharedText,
  silentLogger,
  type StateStore,
  TuringPiError,
} from '@turingpi/core/plugin';
import {
  type Grant,
  grantSchema,
  holderReplySchema,
  journalReplySchema,
  type LeaseRequest,
  stateReplySchema,
} from '../wire/messages.js';
import { HttpLease, type HttpLeaseParts, HttpPhaseLease } from './http-lease.js';
import { HttpPapers } from './http-papers.js';
import { HttpText } from './http-text.js';
import type { Patience, Question, StateRequests } from './state-requests.js';

/** As of a database: a sign of life every 5 s; a holder that reaches nobody stops after 36 s of its minute. */
export const HTTP_LEASE_TIMINGS: LeaseTimings = { beatMs: 5000, staleMs: 60_000, lookMs: 1000 };
/** From the end of the connection that tells of changes to the next one, in milliseconds. */
const LISTEN_AGAIN_MS = 500;
/** How long what was lost waits to be told, in milliseconds. */
const LOST_MS = 1000;
/** How long an answer may take that waits for signs of life of somebody else, beyond the time of a lease. */
const WATCH_EXTRA_MS = 20_000;

/** What a store works with. */
export interface HttpStateStoreOptions {
  readonly requests: StateRequests;
  /** The name of this computer, which others are told with what is held. */
  readonly host: string;
  /** What the server's store has a place for. */
  readonly has: { readonly secrets: boolean; readonly papers: boolean };
  readonly logger?: Logger;
  readonly timings?: LeaseTimings;
}

/** The state behind a server, which has a store of its own. */
export class HttpStateStore implements StateStore {
  readonly secrets?: SharedText;
  readonly papers?: SharedPapers;
  readonly #requests: StateRequests;
  readonly #feed: ChangeFeed;
  readonly #timings: LeaseTimings;
  readonly #logger: Logger;

  constructor(private readonly options: HttpStateStoreOptions) {
    const { requests, has, logger = silentLogger, timings = HTTP_LEASE_TIMINGS } = options;
    this.#requests = requests;
    this.#logger = logger;
    this.#timings = timings;
    this.#feed = new ChangeFeed({
      ...{ logger, againAfterMs: LISTEN_AGAIN_MS },
      listen: (look, signal) => requests.stream(['events'], look, signal),
      load: () => this.#load(),
    });
    if (has.secrets) this.secrets = new HttpText(requests, ['secrets']);
    if (has.papers) this.papers = new HttpPapers(requests);
  }

  get location(): string {
    return this.#requests.location;
  }

  async load(): Promise<ClusterState> {
    await this.#feed.ready;
    return this.#load();
  }

  async holder(node: NodeName, phase: PhaseName, watch?: LeaseWatch): Promise<LeaseHolder | undefined> {
    const path = ['phases', node, phase, 'holder'];
    const { holder } = await this.#requests.get(holderReplySchema, path);
    if (holder === undefined || watch === undefined) return asHolder(holder);
    watch.signal.throwIfAborted();
    watch.onWatch?.(asHolder(holder) ?? { name: holder.name });
    const query = { watch: 'yes' };
    const patience = { query, signal: watch.signal, answerMs: this.#watchMs };
    return asHolder((await this.#requests.get(holderReplySchema, path, patience)).holder);
  }

  async acquire(resource: string, options: AcquireOptions): Promise<Lease> {
    for (;;) {
      try {
        const { parts } = await this.#grant({ resource }, { resource }, options);
        return new HttpLease(parts);
      } catch (error) {
        if (options.wait !== true || !isHeld(error)) throw error;
      }
      const { signal } = options;
      await sleep(this.#timings.lookMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  async claim(node: NodeName, phase: PhaseName, hash: string, claim: PhaseClaim): Promise<HttpPhaseLease> {
    const { seen, keepJournal, signal, onWatch } = claim;
    const found = onWatch && (await this.holder(node, phase));
    if (found !== undefined) onWatch?.(found);
    for (;;) {
      signal.throwIfAborted();
      const before = (await this.#load())[node]?.[phase];
      const asked = {
        ...{ node, phase, hash, record: claim.record(before) },
        ...(before === undefined ? {} : { before }),
        ...(seen === undefined ? {} : { seen }),
        ...(keepJournal === undefined ? {} : { keepJournal }),
      };
      const granted = await this.#grant({ claim: asked }, { node, phase }, claim, claim.command);
      if (granted.isMade) return new HttpPhaseLease(granted.parts, node, phase, granted.entries);
    }
  }

  async journal(node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]> {
    const path = ['phases', node, phase, 'journal'];
    const { entries } = await this.#requests.get(journalReplySchema, path);
    return entries.map((entry) => journalEntrySchema.parse(entry));
  }

  async append(lease: HttpPhaseLease, entry: JournalEntry): Promise<void> {
    const { entries: at, signal } = lease;
    if (at === undefined) throw new TypeError(`${lease.resource} was claimed without a journal`);
    await this.#unlessLost(lease, lease.question('POST', ['journal'], { at, entry }), { signal });
    lease.entries = at + 1;
  }

  async finish(lease: HttpPhaseLease, record: RecordChange): Promise<void> {
    const { node, phase, fence } = lease;
    // What was stopped since nobody is reached need not wait for it to be told: its time is over there as well.
    const patience = lease.signal.aborted ? { patienceMs: LOST_MS } : {};
    for (;;) {
      const before = (await this.#load())[node]?.[phase];
      const body = { ...(before === undefined ? {} : { before }), record: record(before), fence };
      const answer = await this.#unlessLost(lease, lease.question('POST', ['record'], body), patience);
      if (answer === 'changed meanwhile') continue;
      lease.end();
      return;
    }
  }

  async amend(node: NodeName, change: NodeChange): Promise<void> {
    for (;;) {
      const before = (await this.#load())[node];
      const after = change(before);
      if (after === undefined) return;
      const body = { ...(before === undefined ? {} : { before }), after };
      const answer = await this.#requests.ask({ method: 'PUT', path: ['nodes', node], body });
      if (answer !== 'changed meanwhile') return;
    }
  }

  async bind(board: BoardRecord, unlessBound = false): Promise<void> {
    await this.#requests.ask({ method: 'PUT', path: ['board'], body: { board, unlessBound } });
  }

  async forget(node: NodeName, phase?: PhaseName): Promise<void> {
    const path = phase === undefined ? ['nodes', node] : ['phases', node, phase];
    await this.#requests.ask({ method: 'DELETE', path });
  }

  subscribe(listener: (change: RecordedChange) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  /** Ends the subscriptions and the connections; leases are given back by who holds them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feed.end();
    this.#requests[Symbol.dispose]();
  }

  get #watchMs(): number {
    return this.#timings.staleMs + WATCH_EXTRA_MS;
  }

  async #load(): Promise<ClusterState> {
    const { state } = await this.#requests.get(stateReplySchema, ['state']);
    return readRecords(state, this.location);
  }

  /** Asks for a lease under a name of our own: asked for again after an answer that was lost, it is the same one. */
  async #grant(
    what: Pick<LeaseRequest, 'resource'> | { readonly claim: object },
    place: LeasePlace,
    { signal, ttlMs = this.#timings.staleMs }: { readonly signal: AbortSignal; readonly ttlMs?: number },
    command?: string,
  ): Promise<Partial<Grant> & { readonly isMade: boolean; readonly parts: HttpLeaseParts }> {
    const [id, since] = [randomUUID(), performance.now()]; // the request comes later than this
    const who = { pid: process.pid, host: this.options.host };
    const holder = { ...who, ...(command === undefined ? {} : { command }) };
    const body = { holder, ttlMs, ...what };
    const question = { method: 'PUT', path: ['leases', id], body } as const;
    const answer = await this.#requests.ask(question, { signal, answerMs: this.#watchMs });
    const isMade = answer !== 'changed meanwhile';
    const grant = isMade ? grantSchema.parse(answer.body) : { fence: 0, afterMs: 0 };
    const usual = this.#timings.beatMs;
    const beatMs = ttlMs === this.#timings.staleMs ? usual : Math.min(usual, Math.ceil(ttlMs / 4));
    const { fence } = grant;
    const parts = { requests: this.#requests, logger: this.#logger };
    const given = { id, place, fence, ttlMs, beatMs, since: since + grant.afterMs };
    return { ...grant, isMade, parts: { ...parts, ...given } };
  }

  /** Does what only the holder may; where it is said that it is that no more, its signal fires. */
  async #unlessLost(lease: HttpPhaseLease, question: Question, patience: Patience) {
    try {
      return await this.#requests.ask(question, patience);
    } catch (error) {
      if (TuringPiError.is(error) && error.code === 'STATE_LEASE_LOST') lease.lose(error);
      throw error;
    }
  }
}

function isHeld(error: unknown): boolean {
  return TuringPiError.is(error) && error.code === 'STATE_LEASE_HELD';
}

function asHolder(
  found:
    | { readonly name: string; readonly since?: string | undefined; readonly command?: string | undefined }
    | undefined,
): LeaseHolder | undefined {
  if (found === undefined) return undefined;
  const { name, since, command } = found;
  return { name, ...(since === undefined ? {} : { since }), ...(command === undefined ? {} : { command }) };
}
