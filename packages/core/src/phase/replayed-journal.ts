import { PhaseError } from '../errors/phase-error.js';
import type { PhaseStartReason } from '../event/event.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { JournalEntry } from '../state/journal-entry.js';
import type { ActionFacts, RepeatApproval } from './action-facts.js';
import { hashInputs } from './canonical-json.js';
import { changedIn } from './changed-in.js';
import { DoneBefore } from './done-before.js';
import type { PhaseRecorder } from './phase-recorder.js';
import type { Journal } from './phase-step.js';
import type { JsonValue } from './phase.js';
import { reasonToRun } from './reason-to-run.js';
import { wouldRepeat } from './would-repeat.js';

/** A journal that answers from the record of the last run for as long as the same actions come. */
export class ReplayedJournal implements Journal {
  readonly #entries: JournalEntry[];
  readonly #doneBefore: DoneBefore;
  /** How many of them are in the store. */
  #stored: number;
  /** Where the first of them has got a name that it does not have in the store. */
  #namedFrom = Number.POSITIVE_INFINITY;
  #position = 0;
  #diverged = false;
  #closed = false;
  /** Actions run one after the other in the order of their calls, also when a callback does not await them. */
  #tail: Promise<unknown> = Promise.resolve();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(
    private readonly recorder: PhaseRecorder,
    private readonly hash: string,
    private readonly record: PhaseRecord | undefined,
    recorded: readonly JournalEntry[],
    private readonly mayRepeat: RepeatApproval,
  ) {
    const isSame = record?.input_hash === hash;
    this.#entries = isSame ? [...recorded] : [];
    this.#doneBefore = new DoneBefore(isSame ? record.done_before : undefined);
    this.#stored = this.#entries.length;
  }

  /** How many actions it holds now. */
  get length(): number {
    return this.#entries.length;
  }

  perform<T extends JsonValue>(
    action: string,
    inputs: JsonValue,
    execute: () => Promise<T>,
    facts: ActionFacts = {},
  ): Promise<T> {
    const result = this.#tail.then(() => this.#next(action, inputs, execute, facts));
    this.#pending.add(result);
    this.#tail = result
      .catch(() => undefined)
      .finally(() => {
        this.#pending.delete(result);
      });
    return result;
  }

  /**
   * Waits for the actions that the callback called without awaiting them.
   *
   * @throws What one of them throws: nobody else would notice.
   */
  async drain(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Refuses further actions, and waits for the one that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }

  /** The phase is completed: what was to follow its changes was done. */
  answer(): void {
    this.#doneBefore.answer();
  }

  /** What the record of the phase says besides. */
  get facts() {
    return { input_hash: this.hash, ...this.#doneBefore.facts };
  }

  /** Drops from the record what the callback no longer does, and keeps names that actions have got since. */
  async dropRest(): Promise<void> {
    const hasNames = Number.isFinite(this.#namedFrom) && !this.#diverged;
    if (this.#position >= this.#entries.length && !hasNames) return;
    this.#drop();
    if (!this.recorder.started) await this.#start('actions changed');
    await this.#store();
  }

  async #next<T extends JsonValue>(
    action: string,
    inputs: JsonValue,
    execute: () => Promise<T>,
    { prepare, note, repetition = 'run', once }: ActionFacts,
  ): Promise<T> {
    if (this.#closed)
      throw new PhaseError('PHASE_FAILED', `${action} was called after the post-install callback had ended`, {
        hint: 'Await every action in the callback.',
      });
    const digest = hashInputs({ action, inputs });
    const recorded = this.#entries[this.#position];
    if (!this.#diverged && recorded?.digest === digest) {
      this.recorder.emit({ type: 'action:replayed', ...this.#place(action) });
      if (once !== undefined && recorded.once !== once) this.#name(recorded, once);
      this.#position += 1;
      return recorded.result as T;
    }
    this.recorder.signal.throwIfAborted();
    const dropped = this.#diverged ? [] : this.#entries.slice(this.#position);
    const earlier = once === undefined ? undefined : this.#doneOnce(once, digest, dropped);
    if (earlier === undefined) {
      const isRepeated = this.#doneBefore.has(digest) || dropped.some((entry) => entry.digest === digest);
      if (repetition === 'ask' && isRepeated) await this.#assertMayRepeat(action, note);
      await prepare?.();
    }
    if (!this.#diverged) {
      this.#diverged = true;
      this.#drop();
      if (!this.recorder.started) await this.#start(this.#reason());
      await this.#store(); // what has got a name comes before it
    }
    const named = {
      ...(once === undefined ? {} : { once }),
      ...(repetition === 'run' ? { repeatable: true as const } : {}),
    };
    if (earlier !== undefined) {
      const { result = null, at } = earlier;
      this.recorder.emit({ type: 'action:replayed', ...this.#place(action) });
      await this.#keep({ action, digest, result, at, ...named });
      return result as T;
    }
    let kept: JournalEntry['result'] = null;
    await this.#told(action, note, async () => {
      // What a JavaScript callback returns as undefined must look the same now and when it is replayed.
      const result = (((await execute()) as T | undefined) ?? null) as JournalEntry['result'];
      kept = this.#sinceCompleted(digest, result);
      await this.#keep({ action, digest, result: kept, at: this.recorder.now(), ...named });
      return result;
    });
    return kept as T;
  }

  /** An action that finds its own change has changed something still, until the phase was completed with it. */
  #sinceCompleted(digest: string, result: JournalEntry['result']): JournalEntry['result'] {
    const isFound = changedIn(result) === false && this.#doneBefore.isUnanswered(digest);
    return isFound ? { ...(result as object), changed: true } : result;
  }

  /** Puts an action on record; one that could not be stored is stored with the next. */
  async #keep(entry: JournalEntry): Promise<void> {
    this.#entries.push(entry);
    this.#position += 1;
    await this.#store();
  }

  async #store(): Promise<void> {
    for (const unstored of this.#entries.slice(this.#stored)) {
      await this.recorder.append(unstored);
      this.#stored += 1;
    }
  }

  /** An action has got a name since it was done: it is known by it from now on. */
  #name(recorded: JournalEntry, once: string): void {
    this.#entries[this.#position] = { ...recorded, once };
    this.#namedFrom = Math.min(this.#namedFrom, this.#position);
  }

  /** What comes no more at its place was done nevertheless. */
  #drop(): void {
    this.#doneBefore.add(this.#entries.splice(this.#position), this.record?.status === 'completed');
  }

  /** What was done under a name that is done once: in its place, or before it was dropped. */
  #doneOnce(once: string, digest: string, dropped: readonly JournalEntry[]) {
    const isIt = (entry: JournalEntry) => entry.once === once;
    return (
      this.#entries.slice(0, this.#position).find(isIt) ??
      dropped.find((entry) => isIt(entry) || entry.digest === digest) ??
      this.#doneBefore.once(once, digest)
    );
  }

  async #assertMayRepeat(action: string, note: string | undefined): Promise<void> {
    const repeated = {
      ...{ node: this.recorder.node.hostname, action },
      note: note === undefined ? undefined : this.recorder.redact(note),
    };
    const may = typeof this.mayRepeat === 'function' ? await this.mayRepeat(repeated) : this.mayRepeat;
    if (!may) throw wouldRepeat(repeated);
  }

  /** Does an action that counts as done when it is on record, and tells how it goes. */
  async #told(action: string, note: string | undefined, work: () => Promise<JsonValue>): Promise<void> {
    const { recorder } = this;
    const place = this.#place(action);
    recorder.emit({
      ...{ type: 'action:started', ...place },
      ...(note === undefined ? {} : { note: recorder.redact(note) }),
    });
    const startedAtMs = Date.parse(recorder.now());
    const durationMs = () => Date.parse(recorder.now()) - startedAtMs;
    try {
      const changed = changedIn(await work());
      recorder.emit({
        type: 'action:completed',
        ...place,
        durationMs: durationMs(),
        ...(changed === undefined ? {} : { changed }),
      });
    } catch (error) {
      recorder.emit({
        type: 'action:failed',
        ...place,
        durationMs: durationMs(),
        ...recorder.factsOf(error),
      });
      throw error;
    }
  }

  #place(action: string) {
    return { phase: 'post_installation' as const, action, index: this.#position };
  }

  async #start(reason: PhaseStartReason): Promise<void> {
    const keepJournal = Math.min(this.#entries.length, this.#namedFrom);
    await this.recorder.start({ reason, facts: this.facts, seen: this.record, keepJournal });
    this.#stored = keepJournal;
  }

  #reason(): PhaseStartReason {
    const reason = reasonToRun(this.record, this.hash);
    return reason === 'output missing or changed' ? 'actions changed' : reason;
  }
}
