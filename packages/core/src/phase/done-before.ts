import type { JournalEntry } from '../state/journal-entry.js';
import type { PhaseRecord } from '../state/state-document.js';
import { changedIn } from './changed-in.js';

/** Of a longer result nothing is kept: it is of use only to an action that gets a name of its own later. */
const MOST_CHARACTERS = 1024;
/** Of actions without a name so many are kept, the latest, and of so many their results. */
const MOST_UNNAMED = 256;
const MOST_RESULTS = 32;

type DoneRecord = NonNullable<PhaseRecord['done_before']>;

/**
 * What was done on an installation and is not in its journal any more, since actions before it have changed or it was left
 * out: whether it may be done again is another question than whether it was done.
 *
 * @remarks It does not grow without end: what looks first is asked about by nobody and not kept, a name is kept once, and of
 * the rest the latest.
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
    for (const { digest, once, result, at, repeatable } of dropped) {
      const unanswered = !isAnswered && changedIn(result) === true ? { unanswered: true as const } : {};
      const isForgotten = repeatable === true && once === undefined;
      if (isForgotten && unanswered.unanswered !== true) continue;
      if (once !== undefined && this.#record.some((done) => done.once === once)) continue;
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
      const facts = { ...(isKept && { result }), ...named, ...unanswered };
      this.#record.push({ digest, at, ...facts, ...(isForgotten && { repeatable: true as const }) });
    }
  }

  /** Whether it has changed something before, and what was to follow may not have been done. */
  isUnanswered(digest: string): boolean {
    return this.#record.some((done) => done.digest === digest && done.unanswered === true);
  }

  /** The phase is completed: what was to follow has followed. */
  answer(): void {
    const kept = this.#record.filter(({ repeatable }) => repeatable !== true);
    this.#record.splice(0, Infinity, ...kept.map(({ unanswered: _, ...done }) => done));
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
    const unnamed = this.#record.filter(({ once }) => once === undefined).slice(-MOST_UNNAMED);
    const withResult = new Set(unnamed.slice(-MOST_RESULTS));
    const kept = this.#record.flatMap((done) => {
      if (done.once !== undefined || withResult.has(done)) return [done];
      const { result: _, ...withoutResult } = done;
      return unnamed.includes(done) ? [withoutResult] : [];
    });
    return kept.length === 0 ? {} : { done_before: kept };
  }
}
