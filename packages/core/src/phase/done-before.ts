import type { JournalEntry } from '../state/journal-entry.js';
import type { PhaseRecord } from '../state/state-document.js';

/** Of a longer result nothing is kept: it is of use only to an action that gets a name of its own later. */
const MOST_CHARACTERS = 1024;

type DoneRecord = NonNullable<PhaseRecord['done_before']>;

/**
 * What was done on an installation and is not in its journal any more, since actions before it have changed or it was left
 * out: whether it may be done again is another question than whether it was done.
 */
export class DoneBefore {
  readonly #digests: Set<string>;
  readonly #record: DoneRecord[number][];

  /** @param record - as it was kept; undefined where nothing is known of the installation */
  constructor(record: DoneRecord | undefined) {
    this.#record = [...(record ?? [])];
    this.#digests = new Set(this.#record.map(({ digest }) => digest));
  }

  /** Adds what is dropped from the journal. */
  add(dropped: readonly JournalEntry[]): void {
    for (const { digest, once, result, at } of dropped) {
      if (this.#record.some((done) => done.digest === digest && (once === undefined || done.once === once)))
        continue;
      this.#digests.add(digest);
      const isKept = once !== undefined || JSON.stringify(result).length <= MOST_CHARACTERS;
      this.#record.push({ digest, at, ...(isKept && { result }), ...(once === undefined ? {} : { once }) });
    }
  }

  has(digest: string): boolean {
    return this.#digests.has(digest);
  }

  /** What was done under a name that is done once, or before it had the name. */
  once(name: string, digest: string): DoneRecord[number] | undefined {
    return (
      this.#record.find((done) => done.once === name) ?? this.#record.find((done) => done.digest === digest)
    );
  }

  /** What goes on record of it. */
  get facts(): Pick<PhaseRecord, 'done_before'> {
    return this.#record.length === 0 ? {} : { done_before: this.#record };
  }
}
