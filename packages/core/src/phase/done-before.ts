import type { JournalEntry } from '../state/journal-entry.js';
import type { PhaseRecord } from '../state/state-document.js';
import { changedIn } from './changed-in.js';

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

  /**
   * Adds what is dropped from the journal.
   *
   * @param isAnswered - the phase was completed with it: what was to follow a change was done
   */
  add(dropped: readonly JournalEntry[], isAnswered: boolean): void {
    for (const { digest, once, result, at } of dropped) {
      const unanswered = !isAnswered && changedIn(result) === true ? { unanswered: true as const } : {};
      const same = (done: DoneRecord[number]) =>
        done.digest === digest && (once === undefined || done.once === once);
      const index = this.#record.findIndex(same);
      const known = this.#record[index];
      if (known !== undefined) {
        this.#record[index] = { ...known, ...unanswered };
        continue;
      }
      this.#digests.add(digest);
      const isKept = once !== undefined || JSON.stringify(result).length <= MOST_CHARACTERS;
      const named = once === undefined ? {} : { once };
      this.#record.push({ digest, at, ...(isKept && { result }), ...named, ...unanswered });
    }
  }

  /** Whether it has changed something before, and what was to follow may not have been done. */
  isUnanswered(digest: string): boolean {
    return this.#record.some((done) => done.digest === digest && done.unanswered === true);
  }

  /** The phase is completed: what was to follow has followed. */
  answer(): void {
    for (const [index, { unanswered: _, ...done }] of this.#record.entries()) this.#record[index] = done;
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
