import {
  type DistantLease,
  type DistantPhaseLease,
  leaseLost,
  type LeasePlace,
  leaseResource,
  SOMEBODY,
  type StateStore,
} from '@turingpi/core/plugin';

/** Which lease a client speaks of. */
export interface NamedLease {
  /** Of this very holding: nobody else knows it. */
  readonly id: string;
  readonly place: LeasePlace;
}

/** What clients hold. All of it is in the store: a server that is started anew goes on where the one before was. */
export class DistantLeases {
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(private readonly store: StateStore) {}

  /** Does one thing after the other with a lease: who hears no answer asks again while the first question is still at work. */
  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id);
    const turn = (async () => {
      await before?.catch(() => undefined); // it was told to who asked
      return work();
    })();
    this.#turns.set(id, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }

  /** One that nobody else has taken; its time may be over. */
  find({ id, place }: NamedLease): Promise<DistantLease | undefined> {
    // The server takes no store that cannot tell.
    return this.store.heldBy?.(id, place) ?? Promise.resolve(undefined);
  }

  /** One that nobody else has taken. @throws StateError `STATE_LEASE_LOST` */
  async get(named: NamedLease): Promise<DistantLease> {
    const lease = await this.find(named);
    if (lease === undefined) throw leaseLost(leaseResource(named.place), SOMEBODY);
    return lease;
  }

  /** That of a phase. @throws StateError `STATE_LEASE_LOST` */
  async ofPhase(named: NamedLease): Promise<DistantPhaseLease> {
    const lease = await this.get(named);
    if (!('entries' in lease)) throw new TypeError(`${lease.resource} is no phase`);
    return lease as DistantPhaseLease;
  }
}
