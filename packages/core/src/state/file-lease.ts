import { setMaxListeners } from 'node:events';
import type { Logger } from '@turingpi/foundation';
import type { StateError } from '../errors/state-error.js';
import { Heartbeat } from './heartbeat.js';
import type { DistantLease } from './distant-holder.js';
import { entryAt, type LeasePlace, withOwnerAt } from './lease-entry.js';
import { leaseLost, SOMEBODY } from './lease-errors.js';
import { holderOf } from './lease-owner.js';
import type { StateDocument } from './state-document.js';
import type { StateFile } from './state-file.js';

/** What a lease of a file is made of. */
export interface FileLeaseParts<P extends LeasePlace> {
  readonly file: StateFile;
  readonly place: P;
  readonly resource: string;
  readonly fence: number;
  /** The store that signed it. */
  readonly instance: string;
  /** Between two signs of life, in milliseconds; undefined where its holder gives them by `sign`. */
  readonly beatMs: number | undefined;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Called once when it is over, however it ended. */
  readonly onEnd: () => void;
}

/** A lease that is kept in the state file, and signed there again and again. */
export class FileLease<P extends LeasePlace = LeasePlace> implements DistantLease {
  readonly #lost = new AbortController();
  readonly #heartbeat: Heartbeat | undefined;
  #hasEnded = false;
  #isEnding = false;

  constructor(private readonly parts: FileLeaseParts<P>) {
    setMaxListeners(0, this.signal);
    const { beatMs, logger } = parts;
    this.#heartbeat = beatMs === undefined ? undefined : new Heartbeat(() => this.#beat(), beatMs, logger);
  }

  get place(): P {
    return this.parts.place;
  }

  get resource(): string {
    return this.parts.resource;
  }

  get fence(): number {
    return this.parts.fence;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Ends the signs of life; nothing is written any more when this returns. */
  async end(): Promise<void> {
    await this.#heartbeat?.stop();
    this.#tellEnd();
  }

  /** Ends it with a last change of the state. Where that fails it is held still, with its signs of life. */
  async endWith(change: () => Promise<void>): Promise<void> {
    this.#isEnding = true;
    try {
      await change();
    } catch (error) {
      this.#isEnding = false;
      throw error;
    }
    await this.end();
  }

  /** @throws StateError `STATE_LEASE_LOST` when the state says that somebody else has it, or has had it. */
  assertOurs(state: StateDocument): void {
    const loss = this.#lossIn(state);
    if (loss !== undefined) throw loss;
  }

  async isHeld(): Promise<boolean> {
    return !this.signal.aborted && this.#lossIn(await this.parts.file.read()) === undefined;
  }

  /** Gives a sign of life by itself, for a holder elsewhere. While nobody has taken it, it is not too late. */
  async sign(): Promise<void> {
    await this.parts.file.update((state) => {
      this.assertOurs(state);
      if (!this.isOurs(state)) throw leaseLost(this.resource, SOMEBODY);
      return this.#signedIn(state);
    });
  }

  /** Gives it back, whatever became of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    await this.end();
    await this.parts.file.update((state) =>
      this.isOurs(state) ? withOwnerAt(state, this.place, undefined) : undefined,
    );
  }

  /** Whether the state names it as the one that is held. */
  isOurs(state: StateDocument): boolean {
    const { fence, owner } = entryAt(state, this.place);
    return owner?.instance === this.parts.instance && fence === this.fence;
  }

  async #beat(): Promise<void> {
    await this.parts.file.update((state) => {
      if (this.#heartbeat?.isStopped === true || this.#isEnding) return undefined;
      return this.#lossIn(state) === undefined ? this.#signedIn(state) : undefined;
    });
  }

  #signedIn(state: StateDocument): StateDocument | undefined {
    const { owner } = entryAt(state, this.place);
    return owner && withOwnerAt(state, this.place, { ...owner, heartbeat: this.parts.now().toISOString() });
  }

  /** Why it is not ours any more, which is told to who listens; undefined while it is. */
  #lossIn(state: StateDocument): StateError | undefined {
    const { fence, owner, isSettled } = entryAt(state, this.place);
    const isTaken = isSettled || owner !== undefined || (fence ?? 0) > this.fence;
    if (this.isOurs(state) || !isTaken) return undefined; // what was removed is nobody's
    const loss = leaseLost(this.resource, owner === undefined ? SOMEBODY : holderOf(owner));
    this.#heartbeat?.end();
    this.#tellEnd();
    this.#lost.abort(loss);
    return loss;
  }

  #tellEnd(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.parts.onEnd();
  }
}
