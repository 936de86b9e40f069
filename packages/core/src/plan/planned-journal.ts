import { hashInputs } from '../phase/canonical-json.js';
import type { Journal } from '../phase/phase-step.js';
import type { JsonValue } from '../phase/phase.js';
import type { JournalEntry } from '../state/journal-entry.js';
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
  readonly #run: { readonly text: string; readonly digest: string }[] = [];

  /**
   * @param recorded - what stays done while the same actions come
   * @param foreseeable - whether actions can be told without their results, so that all of them can be listed
   */
  constructor(
    private readonly recorded: readonly JournalEntry[],
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
    _prepare?: () => Promise<void>,
    note?: string,
  ): Promise<T> {
    const digest = hashInputs({ action, inputs });
    const recorded = this.recorded[this.#position];
    if (!this.#diverged && recorded?.digest === digest) {
      this.#position += 1;
      return Promise.resolve(recorded.result as T);
    }
    this.#diverged = true;
    this.#run.push({ text: note === undefined ? action : `${action} ${note}`, digest });
    if (!this.foreseeable) return Promise.reject(new FirstAction(action));
    return Promise.resolve(null as T);
  }

  /** @param before - everything that was done on this installation, whatever it was done for */
  actions(before: readonly JournalEntry[]): PlannedActions {
    const kept = this.#position;
    if (!this.#diverged) return { kept, again: [] };
    if (!this.foreseeable) return { kept, from: kept, again: before.slice(kept).map(({ action }) => action) };
    const done = new Set(before.slice(kept).map(({ digest }) => digest));
    return {
      ...{ kept, from: kept },
      run: this.#run.map(({ text }) => text),
      digest: hashInputs(this.#run.map(({ digest }) => digest)),
      again: this.#run.filter(({ digest }) => done.has(digest)).map(({ text }) => text),
    };
  }

  /** Whether the record has more actions than came: they are dropped from it. */
  get hasRest(): boolean {
    return this.#position < this.recorded.length;
  }
}
