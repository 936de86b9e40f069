import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, type NodeName, silentLogger, TuringPiError } from '@turingpi/foundation';
import { PHASES, type PhaseName } from '../phase/phase.js';
import { FileLease } from './file-lease.js';
import { FileLeases } from './file-leases.js';
import { FilePhaseLease } from './file-phase-lease.js';
import type { JournalEntry } from './journal-entry.js';
import { JournalFiles } from './journal-files.js';
import {
  DEFAULT_LEASE_TIMINGS,
  type Lease,
  type LeaseHolder,
  type LeaseTimings,
  type LeaseWatch,
  phaseResource,
} from './lease.js';
import type { DistantLease } from './distant-holder.js';
import type { LeasePlace } from './lease-entry.js';
import { leaseHeld, MEANWHILE } from './lease-errors.js';
import type { BoardRecord, StateDocument } from './state-document.js';
import { nodeSecretsFileOf, SecretsFile } from './secrets-file.js';
import { FilePapers } from './file-papers.js';
import type { SharedPapers } from './shared-papers.js';
import type { SharedText } from './shared-text.js';
import { StateFile } from './state-file.js';
import type {
  AcquireOptions,
  NodeChange,
  PhaseClaim,
  RecordChange,
  RecordedChange,
  StateStore,
} from './state-store.js';
import { StateSubscription } from './state-subscription.js';
import { withPhases } from './with-phases.js';

/** What a store of a file may be told besides where it is. */
export interface FileStateStoreOptions {
  /** Clock, for tests. */
  readonly now?: () => Date;
  readonly logger?: Logger;
  readonly timings?: LeaseTimings;
  /** The name of this computer, by which its processes are known. Default: what the system says. */
  readonly host?: string;
}

/** The state in a JSON file, for several processes at once, with a file beside it for each journal. */
export class FileStateStore implements StateStore {
  readonly secrets: SharedText;
  readonly papers: SharedPapers;
  readonly #file: StateFile;
  readonly #journals: JournalFiles;
  readonly #leases: FileLeases;
  readonly #now: () => Date;
  readonly #timings: LeaseTimings;
  readonly #logger: Logger;
  readonly #subscriptions = new Set<StateSubscription>();

  /** @param location - the file; its directory must exist */
  constructor(
    readonly location: string,
    options: FileStateStoreOptions = {},
  ) {
    this.secrets = new SecretsFile(nodeSecretsFileOf(location));
    this.papers = new FilePapers(location);
    this.#file = new StateFile(location);
    this.#journals = new JournalFiles(location);
    const { now = () => new Date(), timings = DEFAULT_LEASE_TIMINGS, logger = silentLogger } = options;
    this.#now = now;
    this.#timings = timings;
    this.#logger = logger;
    const host = options.host ?? os.hostname();
    this.#leases = new FileLeases({ file: this.#file, now, timings, logger, host });
  }

  load(): Promise<StateDocument> {
    return this.#file.read();
  }

  holder(node: NodeName, phase: PhaseName, watch?: LeaseWatch): Promise<LeaseHolder | undefined> {
    return this.#leases.holder({ node, phase }, watch);
  }

  async acquire(resource: string, options: AcquireOptions): Promise<Lease> {
    for (;;) {
      try {
        return await this.#take(resource, options);
      } catch (error) {
        if (options.wait !== true || !isHeld(error)) throw error;
      }
      await sleep(this.#timings.lookMs, undefined, { signal: options.signal }).catch(() =>
        options.signal.throwIfAborted(),
      );
    }
  }

  async claim(node: NodeName, phase: PhaseName, hash: string, claim: PhaseClaim): Promise<FilePhaseLease> {
    const place = { node, phase };
    const resource = phaseResource(node, phase);
    const holder = await this.#leases.holder(place, claim);
    if (holder !== undefined) throw leaseHeld(resource, holder);
    let fence = 0;
    let entries: number | undefined;
    await this.#file.update(async (state, lock) => {
      // Under the lock of the file: of two who come at once, one gets it.
      await this.#leases.assertFree(state, place);
      const current = state[node]?.[phase];
      if ((current?.fence ?? 0) > (claim.seen ?? 0)) throw leaseHeld(resource, MEANWHILE);
      fence = (current?.fence ?? 0) + 1;
      const { journal: _inline, ...record } = claim.record(current);
      const owner = await this.#leases.sign(place, fence, claim);
      if (claim.keepJournal !== undefined) {
        const known = current?.input_hash === hash ? await this.#journalIn(state, node, phase) : [];
        const kept = known.slice(0, claim.keepJournal);
        await this.#journals.begin(node, phase, { fence, hash, instance: owner.instance }, kept, lock);
        entries = kept.length;
      }
      const running = { ...record, status: 'running' as const, input_hash: hash, owner, fence };
      return withPhases(state, node, { [phase]: running }, this.#at());
    });
    const { ttlMs, distant } = claim;
    const lease = this.#leases.hold(place, { fence, ttlMs, distant }, (parts) => new FilePhaseLease(parts));
    lease.entries = entries;
    return lease;
  }

  async heldBy(id: string, place: LeasePlace): Promise<DistantLease | undefined> {
    if ('resource' in place) return this.#leases.heldBy(place, id, (parts) => new FileLease(parts));
    const lease = await this.#leases.heldBy(place, id, (parts) => new FilePhaseLease(parts));
    if (lease !== undefined) lease.entries = (await this.journal(place.node, place.phase)).length;
    return lease;
  }

  async journal(node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]> {
    return this.#journalIn(await this.load(), node, phase);
  }

  async append(lease: FilePhaseLease, entry: JournalEntry): Promise<void> {
    const { node, phase, fence, entries: position } = lease;
    if (position === undefined) throw new TypeError(`${lease.resource} was claimed without a journal`);
    // Not under the lock: a line of somebody who loses the phase at this moment carries a fence that no reader takes.
    lease.assertOurs(await this.load());
    await this.#journals.append(node, phase, { fence, position }, entry);
    lease.entries = position + 1;
  }

  async finish(lease: FilePhaseLease, record: RecordChange): Promise<void> {
    const { node, phase, fence } = lease;
    await lease.endWith(() =>
      this.#file.update((state) => {
        lease.assertOurs(state);
        const { owner: _owner, ...last } = record(state[node]?.[phase]);
        return withPhases(state, node, { [phase]: { ...last, fence } }, this.#at());
      }),
    );
  }

  amend(node: NodeName, change: NodeChange): Promise<void> {
    return this.#file.update((state) => {
      const next = change(state[node]);
      return next && withPhases(state, node, next, this.#at());
    });
  }

  bind(board: BoardRecord, unlessBound = false): Promise<void> {
    return this.#file.update((state) =>
      unlessBound && state.board !== undefined ? undefined : { ...state, board },
    );
  }

  async forget(node: NodeName, phase?: PhaseName): Promise<void> {
    const phases = phase === undefined ? PHASES : [phase];
    await this.#file.update(async (state, lock) => {
      // Under the lock of the file: afterwards it may be the journal of the next claim.
      for (const name of phases) await this.#journals.remove(node, name, lock);
      const known = phases.filter((name) => state[node]?.[name] !== undefined);
      if (known.length === 0) return undefined;
      const at = this.#at();
      // The number of claims stays, and grows: who runs it now may not write any more.
      const forgotten = known.map((name) => {
        const fence = (state[node]?.[name]?.fence ?? 0) + 1;
        return [name, { status: 'pending' as const, timestamp: at, fence }] as const;
      });
      return { ...state, [node]: { ...state[node], ...Object.fromEntries(forgotten) } };
    });
  }

  subscribe(listener: (change: RecordedChange) => void): () => void {
    const subscription = new StateSubscription({
      load: () => this.load(),
      listener,
      everyMs: this.#timings.lookMs,
      logger: this.#logger,
    });
    this.#subscriptions.add(subscription);
    return () => {
      subscription.end();
      this.#subscriptions.delete(subscription);
    };
  }

  setAside(): Promise<string | undefined> {
    return this.#file.setAside(this.#at().replaceAll(/[:.]/g, '-'));
  }

  /** Ends the subscriptions; leases are given back by who holds them. */
  [Symbol.asyncDispose](): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.end();
    this.#subscriptions.clear();
    return Promise.resolve();
  }

  async #take(resource: string, options: AcquireOptions): Promise<Lease> {
    const place = { resource };
    const { ttlMs, distant } = options;
    const holder = await this.#leases.holder(place, options);
    if (holder !== undefined) throw leaseHeld(resource, holder);
    let fence = 0;
    await this.#file.update(async (state) => {
      await this.#leases.assertFree(state, place);
      fence = (state.leases?.[resource]?.fence ?? 0) + 1;
      const owner = await this.#leases.sign(place, fence, { ttlMs, distant });
      return { ...state, leases: { ...state.leases, [resource]: { fence, owner } } };
    });
    return this.#leases.hold(place, { fence, ttlMs, distant }, (parts) => new FileLease(parts));
  }

  async #journalIn(state: StateDocument, node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]> {
    const { input_hash: hash, journal, fence, owner } = state[node]?.[phase] ?? {};
    // An earlier version kept it in the record; the next claim of the phase moves it out.
    if (hash === undefined) return [];
    return journal ?? this.#journals.read(node, phase, { hash, fence, instance: owner?.instance });
  }

  #at(): string {
    return this.#now().toISOString();
  }
}

function isHeld(error: unknown): boolean {
  return TuringPiError.is(error) && error.code === 'STATE_LEASE_HELD';
}
