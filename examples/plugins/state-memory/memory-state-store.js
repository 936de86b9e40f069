import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { leaseHeld, phaseResource } from '@turingpi/core/plugin';
import { MemoryLease } from './memory-lease.js';
import { MemoryPapers } from './memory-papers.js';

const PHASES = ['image_customization', 'os_installation', 'post_installation'];
/** Between two looks at what is waited for, in milliseconds. */
const LOOK_MS = 5;

/** What is known; stores that share it are as processes that share a file. */
export class MemoryState {
  /** Board and nodes, as they are loaded. */
  records = {};
  /** Entries and hash, by phase of a node. */
  journals = new Map();
  /** Who holds what, by resource. */
  leases = new Map();
  /** How often what is no phase was given to somebody; that of a phase is in its record. */
  fences = new Map();
  listeners = new Set();
  /** The secrets of the nodes, as one text. */
  secrets;
  /** Texts, and logs with the time of their last change, by name. */
  texts = new Map();
  logs = new Map();
}

/** The state in memory. */
export class MemoryStateStore {
  #state;
  #now;
  #ttlMs;
  #isSilent;
  #holder;
  #subscriptions = new Set();

  /** @param options - `isSilent`: what it holds is lost after its time, as if its process were suspended; for tests */
  constructor(state, { location = 'memory', now = () => new Date(), ttlMs = 45_000, isSilent = false } = {}) {
    this.#state = state;
    this.#now = now;
    this.#ttlMs = ttlMs;
    this.#isSilent = isSilent;
    this.location = location;
    this.#holder = { name: `a cluster of process ${process.pid}` };
    this.secrets = {
      location,
      read: async () => state.secrets,
      update: async (change) => (state.secrets = change(state.secrets) ?? state.secrets),
    };
    this.papers = new MemoryPapers(state, location);
  }

  async load() {
    return structuredClone(this.#state.records);
  }

  async holder(node, phase, watch) {
    return this.#holderOf(phaseResource(node, phase), watch);
  }

  async acquire(resource, { signal, ttlMs, wait = false }) {
    for (;;) {
      const holder = await this.#holderOf(resource, { signal });
      if (holder === undefined) break;
      if (!wait) throw leaseHeld(resource, holder);
      await this.#pause(signal);
    }
    const fence = (this.#state.fences.get(resource) ?? 0) + 1;
    this.#state.fences.set(resource, fence);
    return this.#take({ resource, fence, ttlMs });
  }

  async claim(node, phase, hash, { record, seen, keepJournal, ttlMs, ...watch }) {
    const resource = phaseResource(node, phase);
    const holder = await this.#holderOf(resource, watch);
    if (holder !== undefined) throw leaseHeld(resource, holder);
    // From here on nothing is awaited: nobody comes in between.
    const current = this.#recordOf(node, phase);
    if ((current?.fence ?? 0) > (seen ?? 0))
      throw leaseHeld(resource, { name: 'somebody who has run it meanwhile' });
    const fence = (current?.fence ?? 0) + 1;
    const running = { ...record(current), status: 'running', input_hash: hash };
    const entries = current?.input_hash === hash ? this.#journalOf(node, phase) : [];
    if (keepJournal !== undefined)
      this.#state.journals.set(resource, { hash, entries: entries.slice(0, keepJournal) });
    const lease = this.#take({ resource, fence, ttlMs, place: { node, phase } });
    this.#write(node, { [phase]: { ...running, fence } });
    return lease;
  }

  async journal(node, phase) {
    return structuredClone(this.#journalOf(node, phase));
  }

  async append(lease, entry) {
    lease.assertHeld();
    this.#state.journals.get(lease.resource).entries.push(structuredClone(entry));
  }

  async finish(lease, record) {
    lease.assertHeld();
    const { node, phase, fence } = lease;
    const last = record(this.#recordOf(node, phase));
    lease.end();
    this.#write(node, { [phase]: { ...last, fence } });
  }

  async amend(node, change) {
    const known = structuredClone(this.#state.records[node] ?? {});
    const next = change(this.#state.records[node] && structuredClone(known));
    if (next === undefined) return;
    const changed = {};
    for (const phase of PHASES.filter((name) => !isDeepStrictEqual(next[name], known[name]))) {
      if (next[phase] === undefined) continue; // it stays as it is
      const fence = known[phase]?.fence;
      changed[phase] = { ...next[phase], ...(fence === undefined ? {} : { fence }) };
      const isLeft = ['running', 'pending'].includes(next[phase].status);
      if (!isLeft) this.#state.leases.get(phaseResource(node, phase))?.lose();
    }
    this.#write(node, changed);
  }

  async bind(board) {
    this.#state.records.board = structuredClone(board);
  }

  async forget(node, phase) {
    for (const name of phase === undefined ? PHASES : [phase]) {
      const known = this.#recordOf(node, name);
      if (known === undefined) continue;
      const resource = phaseResource(node, name);
      this.#state.leases.get(resource)?.lose();
      this.#state.journals.delete(resource);
      const timestamp = this.#now().toISOString();
      this.#write(node, { [name]: { status: 'pending', timestamp, fence: (known.fence ?? 0) + 1 } });
    }
  }

  subscribe(listener) {
    const subscription = (change) => {
      try {
        listener(structuredClone(change));
      } catch {
        // It only listens.
      }
    };
    this.#subscriptions.add(subscription);
    this.#state.listeners.add(subscription);
    return () => this.#unsubscribe(subscription);
  }

  async [Symbol.asyncDispose]() {
    this.#subscriptions.forEach((subscription) => this.#unsubscribe(subscription));
  }

  #unsubscribe(subscription) {
    this.#subscriptions.delete(subscription);
    this.#state.listeners.delete(subscription);
  }

  /** Who has something; one that is silent is waited for, when somebody watches it. */
  async #holderOf(resource, watch) {
    watch?.signal.throwIfAborted();
    const { leases } = this.#state;
    const lease = leases.get(resource);
    if (lease === undefined || lease.isDead) return undefined;
    if (!lease.isSilent || watch === undefined) return lease.holder;
    watch.onWatch?.(lease.holder);
    while (!lease.isDead && lease.isHeld) await this.#pause(watch.signal);
    watch.signal.throwIfAborted();
    return lease.isHeld ? undefined : lease.holder;
  }

  async #pause(signal) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  #take({ ttlMs = this.#ttlMs, ...lease }) {
    const diesAt = this.#isSilent ? performance.now() + ttlMs : Infinity;
    return new MemoryLease(this.#state.leases, { ...lease, diesAt, holder: this.#holder });
  }

  #recordOf(node, phase) {
    return structuredClone(this.#state.records[node]?.[phase]);
  }

  #journalOf(node, phase) {
    const { hash, entries } = this.#state.journals.get(phaseResource(node, phase)) ?? {};
    return hash !== undefined && hash === this.#recordOf(node, phase)?.input_hash ? entries : [];
  }

  #write(node, phases) {
    const { records, listeners } = this.#state;
    records[node] = { ...records[node], ...structuredClone(phases) };
    for (const [phase, record] of Object.entries(phases))
      for (const listener of [...listeners]) listener({ node, phase, record });
  }
}
