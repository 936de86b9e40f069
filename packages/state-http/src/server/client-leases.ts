import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Lease,
  leaseHeld,
  type LeaseHolder,
  leaseLost,
  type PhaseLease,
  SOMEBODY,
  type StateError,
} from '@turingpi/core/plugin';

/** Between two looks at a holder that is watched, in milliseconds. */
const LOOK_MS = 50;

/** A lease of the store behind the server, held for a client as long as that gives signs of life. */
export interface ClientLease {
  readonly id: string;
  readonly holder: LeaseHolder;
  readonly lease: Lease | PhaseLease;
  readonly ttlMs: number;
  /** How many entries the journal of a phase has; undefined where it keeps none. */
  entries: number | undefined;
}

interface Held extends ClientLease {
  /** Signs of life so far. */
  signs: number;
  /** Its time is over. What it had done can still be recorded, until somebody else wants it. */
  hasLapsed: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** What a server holds for its clients. Their time is counted here, by no clock of theirs. */
export class ClientLeases implements Disposable {
  readonly #byId = new Map<string, Held>();

  /** Holds a lease for a client from now on. */
  add(given: ClientLease): void {
    const held: Held = { ...given, signs: 0, hasLapsed: false, timer: undefined };
    this.#byId.set(held.id, held);
    held.lease.signal.addEventListener('abort', () => this.#forget(held), { once: true });
    this.#arm(held);
  }

  /** One that is held; asked for again, it is given again. */
  find(id: string): ClientLease | undefined {
    return this.#byId.get(id);
  }

  /** A sign of life. @throws StateError `STATE_LEASE_LOST` */
  sign(id: string): void {
    const held = this.#byId.get(id);
    if (held === undefined || held.hasLapsed) throw this.lost('the lease');
    held.signs += 1;
    this.#arm(held);
  }

  /** Whether it is held here for somebody whose time is over: the store takes it for the server's. */
  hasLapsed(place: string): boolean {
    return [...this.#byId.values()].some(({ lease, hasLapsed }) => hasLapsed && lease.resource === place);
  }

  /** Whether its time is not over. */
  isLive(id: string): boolean {
    return this.#byId.get(id)?.hasLapsed === false;
  }

  /** Gives back what somebody had whose time is over, for the next one. */
  async clear(place: string): Promise<void> {
    for (const held of [...this.#byId.values()])
      if (held.hasLapsed && held.lease.resource === place) await this.#giveBack(held);
  }

  /** One that nobody else has taken. @throws StateError `STATE_LEASE_LOST` */
  get(id: string): ClientLease {
    const held = this.#byId.get(id);
    if (held === undefined) throw this.lost('the lease');
    return held;
  }

  lost(resource: string): StateError {
    return leaseLost(resource, SOMEBODY);
  }

  /** Ends it here: it was given back, or its work is done. */
  end(id: string): ClientLease | undefined {
    const held = this.#byId.get(id);
    if (held !== undefined) this.#forget(held);
    return held;
  }

  /** Which client has something, whether or not it still gives signs of life. @param place - as the lease calls it */
  holderOf(place: string): LeaseHolder | undefined {
    return this.#heldOf(place)?.holder;
  }

  /** Watches whoever has something: until a sign of life, or the end. @returns Who has it still. @throws The signal's reason. */
  async watch(place: string, signal: AbortSignal): Promise<LeaseHolder | undefined> {
    const first = this.#heldOf(place);
    const signs = first?.signs;
    for (let now = first; now !== undefined; now = this.#heldOf(place)) {
      if (now !== first || now.signs !== signs) return now.holder;
      await sleep(LOOK_MS, undefined, { signal });
    }
    return undefined;
  }

  /** The error of a store, told as of the client that holds what the store calls the server's. */
  asClients(error: StateError, place: string): StateError {
    const holder = error.code === 'STATE_LEASE_HELD' ? this.holderOf(place) : undefined;
    return holder === undefined ? error : leaseHeld(place, holder);
  }

  /** Forgets all. Nothing is given back: clients that hear nothing go on for a while. */
  [Symbol.dispose](): void {
    for (const held of [...this.#byId.values()]) this.#forget(held);
  }

  #heldOf(place: string): Held | undefined {
    return [...this.#byId.values()].find(({ lease, hasLapsed }) => !hasLapsed && lease.resource === place);
  }

  #arm(held: Held): void {
    clearTimeout(held.timer);
    held.timer = setTimeout(() => {
      held.hasLapsed = true;
      // Others may use the store without this server: it is not kept from them for long.
      held.timer = setTimeout(() => void this.#giveBack(held), held.ttlMs).unref();
    }, held.ttlMs).unref();
  }

  async #giveBack(held: Held): Promise<void> {
    this.#forget(held);
    try {
      await held.lease[Symbol.asyncDispose]();
    } catch {
      // It ends by itself.
    }
  }

  #forget(held: Held): void {
    clearTimeout(held.timer);
    if (this.#byId.get(held.id) === held) this.#byId.delete(held.id);
  }
}
