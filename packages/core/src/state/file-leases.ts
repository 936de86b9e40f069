import type { Logger } from '@turingpi/foundation';
import { type FileLease, type FileLeaseParts } from './file-lease.js';
import { countAsEnded, countAsHeld, hasEnded, newInstance } from './held-leases.js';
import { type LeaseHolder, type LeaseTimings, type LeaseWatch, phaseResource } from './lease.js';
import { entryAt, type LeaseEntry, type LeasePlace } from './lease-entry.js';
import { leaseHeld } from './lease-errors.js';
import { holderOf, lifeOf, type LeaseSigner, signatureOf } from './lease-owner.js';
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
    const resource = resourceOf(place);
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
    const resource = resourceOf(place);
    if (entry.owner !== undefined && (await this.#life(entry, resource)) !== 'gone')
      throw leaseHeld(resource, holderOf(entry.owner));
  }

  /** A signature of this store, for a lease that counts as held from now on: it may be read as soon as it is written. */
  sign(
    place: LeasePlace,
    fence: number,
    how: { readonly ttlMs?: number | undefined; readonly command?: string | undefined },
  ): Promise<PhaseOwner> {
    countAsHeld(this.#signer.instance, resourceOf(place), fence);
    return signatureOf(this.#signer, this.parts.now(), how);
  }

  /** Keeps a lease that was signed alive, until it ends. */
  hold<P extends LeasePlace, L extends FileLease>(
    place: P,
    { fence, ttlMs }: { readonly fence: number; readonly ttlMs: number | undefined },
    make: (parts: FileLeaseParts<P>) => L,
  ): L {
    const { file, now, logger, timings } = this.parts;
    const resource = resourceOf(place);
    const { beatMs } = timings;
    const lease = make({
      ...{ file, place, resource, fence, now, logger },
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

  /** As far as this machine can tell at once; what was watched in vain is gone. */
  async #life(entry: LeaseEntry, resource: string): Promise<'runs' | 'unknown' | 'gone'> {
    if (entry.owner === undefined || this.#watches.get(resource)?.isStale(entry) === true) return 'gone';
    const life = await lifeOf(entry.owner, this.#signer);
    if (life === 'runs') return hasEnded(entry.owner, resource, entry.fence) ? 'gone' : 'runs';
    if (life !== 'self') return life;
    return this.#held.get(resource)?.fence === entry.fence ? 'runs' : 'gone';
  }
}

function resourceOf(place: LeasePlace): string {
  return 'resource' in place ? place.resource : phaseResource(place.node, place.phase);
}
