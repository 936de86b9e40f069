import type { Logger } from '@turingpi/foundation';
import { type FileLease, type FileLeaseParts } from './file-lease.js';
import { countAsEnded, countAsHeld, hasEnded, newInstance } from './held-leases.js';
import { type LeaseHolder, type LeaseTimings, type LeaseWatch } from './lease.js';
import { entryAt, type LeaseEntry, type LeasePlace, leaseResource } from './lease-entry.js';
import { leaseHeld } from './lease-errors.js';
import { type DistantHolder, distantInstance } from './distant-holder.js';
import { holderOf, lifeOf, type LeaseSigner, signatureOf, type SignedWith } from './lease-owner.js';
import { OwnerWatch } from './owner-watch.js';
import type { PhaseOwner, StateDocument } from './state-document.js';
import type { StateFile } from './state-file.js';

/** What leases of a file work with. */
export interface FileLeasesParts {
  readonly file: StateFile;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly timings: LeaseTimings;
  /** The name of this computer. */
  readonly host: string;
}

/** How a lease was signed that is to be kept alive. */
interface HowHeld {
  readonly fence: number;
  readonly ttlMs: number | undefined;
  readonly distant: DistantHolder | undefined;
}

/** The leases that one opened store holds in a state file, and what it knows of those of others. */
export class FileLeases {
  readonly #signer: LeaseSigner;
  /** What this store holds, by resource. */
  readonly #held = new Map<string, FileLease>();
  /** Holders that were watched, by resource. */
  readonly #watches = new Map<string, OwnerWatch>();

  constructor(private readonly parts: FileLeasesParts) {
    this.#signer = { host: parts.host, instance: newInstance() };
  }

  /** Who has a lease, as far as is known at once; with `watch`, one that cannot be asked is watched. */
  async holder(place: LeasePlace, watch?: LeaseWatch): Promise<LeaseHolder | undefined> {
    watch?.signal.throwIfAborted();
    const { file, timings } = this.parts;
    const resource = leaseResource(place);
    const entry = entryAt(await file.read(), place);
    const { owner } = entry;
    const life = await this.#life(entry, resource);
    if (life === 'gone' || owner === undefined) return undefined;
    const holder = holderOf(owner);
    if (life === 'runs' || watch === undefined) return holder;
    watch.onWatch?.(holder);
    const seen = new OwnerWatch(async () => entryAt(await file.read(), place));
    this.#watches.set(resource, seen);
    const patience = { staleMs: owner.ttl_ms ?? timings.staleMs, lookMs: timings.lookMs };
    return (await seen.isAlive(entry, { ...patience, signal: watch.signal })) ? holder : undefined;
  }

  /** @throws StateError `STATE_LEASE_HELD` when somebody has it. */
  async assertFree(state: StateDocument, place: LeasePlace): Promise<void> {
    const entry = entryAt(state, place);
    const resource = leaseResource(place);
    if (entry.owner !== undefined && (await this.#life(entry, resource)) !== 'gone')
      throw leaseHeld(resource, holderOf(entry.owner));
  }

  /** A signature of this store, for a lease that counts as held from now on: it may be read as soon as it is written. */
  sign(place: LeasePlace, fence: number, how: SignedWith): Promise<PhaseOwner> {
    if (how.distant === undefined) countAsHeld(this.#signer.instance, leaseResource(place), fence);
    return signatureOf(this.#signer, this.parts.now(), how);
  }

  /** Keeps a lease that was signed alive, until it ends. */
  hold<P extends LeasePlace, L extends FileLease>(
    place: P,
    { fence, ttlMs, distant }: HowHeld,
    make: (parts: FileLeaseParts<P>) => L,
  ): L {
    if (distant !== undefined) return this.#distant(place, { id: distant.id, fence }, make);
    const { beatMs } = this.parts.timings;
    const resource = leaseResource(place);
    const lease = make({
      ...this.#partsOf(place, fence),
      instance: this.#signer.instance,
      beatMs: ttlMs === undefined ? beatMs : Math.min(beatMs, Math.ceil(ttlMs / 4)),
      onEnd: () => {
        countAsEnded(this.#signer.instance, resource, fence);
        if (this.#held.get(resource)?.fence === fence) this.#held.delete(resource);
      },
    });
    this.#held.set(resource, lease);
    return lease;
  }

  /** What a distant holder has; undefined when somebody else has it, or nobody. */
  async heldBy<P extends LeasePlace, L extends FileLease>(
    place: P,
    id: string,
    make: (parts: FileLeaseParts<P>) => L,
  ): Promise<L | undefined> {
    const { owner, fence = 0 } = entryAt(await this.parts.file.read(), place);
    return owner?.instance === distantInstance(id) ? this.#distant(place, { id, fence }, make) : undefined;
  }

  /** Nothing keeps it alive here. */
  #distant<P extends LeasePlace, L extends FileLease>(
    place: P,
    { id, fence }: { readonly id: string; readonly fence: number },
    make: (parts: FileLeaseParts<P>) => L,
  ): L {
    const given = { instance: distantInstance(id), beatMs: undefined, onEnd: () => undefined };
    return make({ ...this.#partsOf(place, fence), ...given });
  }

  #partsOf<P extends LeasePlace>(place: P, fence: number) {
    const { file, now, logger } = this.parts;
    return { file, place, resource: leaseResource(place), fence, now, logger };
  }

  /** As far as this machine can tell at once; what was watched in vain is gone. */
  async #life(entry: LeaseEntry, resource: string): Promise<'runs' | 'unknown' | 'gone'> {
    if (entry.owner === undefined || this.#watches.get(resource)?.isStale(entry) === true) return 'gone';
    const life = await lifeOf(entry.owner, this.#signer);
    if (life === 'runs') return hasEnded(entry.owner, resource, entry.fence) ? 'gone' : 'runs';
    if (life !== 'self') return life;
    return this.#held.get(resource)?.fence === entry.fence ? 'runs' : 'gone';
  }
}
