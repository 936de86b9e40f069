import type { ActionFacts } from '../phase/action-facts.js';
import { hashInputs } from '../phase/canonical-json.js';
import { DoneBefore } from '../phase/done-before.js';
import type { Journal } from '../phase/phase-step.js';
import type { JsonValue } from '../phase/phase.js';
import type { JournalEntry } from '../state/journal-entry.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { PlannedActions } from './cluster-plan.js';

/** The workflow has come to an action that a run would do: what follows depends on its result. */
export class FirstAction extends Error {
  override readonly name = 'FirstAction';

  constructor(action: string) {
    super(`a plan does nothing: ${action} would be done here`);
  }
}

/** A journal that answers from the record as a run would, and does nothing. */
export class PlannedJournal implements Journal {
  #position = 0;
  #diverged = false;
  #hasNames = false;
  readonly #run: { readonly text: string; readonly digest: string; readonly asks: boolean }[] = [];

  /**
   * @param recorded - what stays done while the same actions come
   * @param doneBefore - what was done on the installation besides
   * @param foreseeable - whether actions can be told without their results, so that all of them can be listed
   */
  constructor(
    private readonly recorded: readonly JournalEntry[],
    private readonly doneBefore: PhaseRecord['done_before'],
    private readonly foreseeable: boolean,
  ) {}

  /** Whether an action came that a run would do. */
  get diverged(): boolean {
    return this.#diverged;
  }

  perform<T extends JsonValue>(
    action: string,
    inputs: JsonValue,
    _execute: () => Promise<T>,
    { note, repetition, once }: ActionFacts = {},
  ): Promise<T> {
    const digest = hashInputs({ action, inputs });
    const recorded = this.recorded[this.#position];
    if (!this.#diverged && recorded?.digest === digest) {
      this.#hasNames ||= once !== undefined && recorded.once !== once;
      this.#position += 1;
      return Promise.resolve(recorded.result as T);
    }
    this.#diverged = true;
    const earlier = once === undefined ? undefined : this.#doneOnce(once, digest);
    if (earlier !== undefined) return Promise.resolve((earlier.result ?? null) as T);
    const text = note === undefined ? action : `${action} ${note}`;
    this.#run.push({ text, digest, asks: repetition === 'ask' });
    if (!this.foreseeable) return Promise.reject(new FirstAction(action));
    return Promise.resolve(null as T);
  }

  /** What was done under a name that is done once. */
  #doneOnce(once: string, digest: string) {
    const found = this.recorded.find((entry) => entry.once === once || entry.digest === digest);
    return found ?? new DoneBefore(this.doneBefore).once(once, digest);
  }

  /** @param before - everything that was done on this installation, whatever it was done for */
  actions(before: readonly JournalEntry[]): PlannedActions {
    const kept = this.#position;
    if (!this.#diverged) return { kept, again: [] };
    const earlier = (this.doneBefore ?? []).map(({ digest }) => digest);
    const done = new Set([...before.slice(kept).map(({ digest }) => digest), ...earlier]);
    const asks = this.#run.filter((one) => one.asks && done.has(one.digest)).map(({ text }) => text);
    const asked = asks.length === 0 ? {} : { asks };
    if (!this.foreseeable)
      return { kept, from: kept, again: before.slice(kept).map(({ action }) => action), ...asked };
    return {
      ...{ kept, from: kept },
      run: this.#run.map(({ text }) => text),
      digest: hashInputs(this.#run.map(({ digest }) => digest)),
      again: this.#run.filter(({ digest }) => done.has(digest)).map(({ text }) => text),
      ...asked,
    };
  }

  /** Whether the record becomes another one without anything being done: it has more actions than came, or lacks a name. */
  get changesRecord(): boolean {
    return this.#position < this.recorded.length || this.#hasNames;
  }
}
