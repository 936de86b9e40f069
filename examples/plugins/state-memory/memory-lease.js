import { leaseLost } from '@turingpi/core/plugin';

/** A lease of something that is kept in memory: its holder is in this process, and lives unless it says otherwise. */
export class MemoryLease {
  #lost = new AbortController();
  #table;

  /**
   * @param table - the leases that are held, by resource
   * @param options - `diesAt`: when a holder that gives no sign of life has lost it, by the clock of `performance`
   */
  constructor(table, { resource, fence, holder, diesAt, place = {} }) {
    this.#table = table;
    this.resource = resource;
    this.fence = fence;
    this.holder = holder;
    this.diesAt = diesAt;
    this.node = place.node;
    this.phase = place.phase;
    table.set(resource, this);
  }

  get signal() {
    return this.#lost.signal;
  }

  get isHeld() {
    return this.#table.get(this.resource) === this;
  }

  get isSilent() {
    return this.diesAt !== Infinity;
  }

  get isDead() {
    return performance.now() >= this.diesAt;
  }

  assertHeld() {
    if (this.isHeld) return;
    this.lose();
    throw this.signal.reason;
  }

  /** Somebody else has it, or what it was on is gone. */
  lose() {
    this.end();
    this.#lost.abort(
      leaseLost(this.resource, this.#table.get(this.resource)?.holder ?? { name: 'somebody else' }),
    );
  }

  end() {
    if (this.isHeld) this.#table.delete(this.resource);
  }

  async [Symbol.asyncDispose]() {
    this.end();
  }
}
