import { PhaseError } from '../errors/phase-error.js';
import type { PhaseStartReason } from '../event/event.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { JournalEntry } from '../state/journal-entry.js';
import { hashInputs } from './canonical-json.js';
import type { PhaseRecorder } from './phase-recorder.js';
import type { Journal } from './phase-step.js';
import type { JsonValue } from './phase.js';
import { reasonToRun } from './reason-to-run.js';

/** A journal that answers from the record of the last run for as long as the same actions come. */
export class ReplayedJournal implements Journal {
  readonly #entries: JournalEntry[];
  /** How many of them are in the store. */
  #stored: number;
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
  ) {
    this.#entries = record?.input_hash === hash ? [...recorded] : [];
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
    prepare?: () => Promise<void>,
    note?: string,
  ): Promise<T> {
    const result = this.#tail.then(() => this.#next(action, inputs, execute, prepare, note));
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

  /** Drops from the record what the callback no longer does. */
  async dropRest(): Promise<void> {
    if (this.#position >= this.#entries.length) return;
    this.#entries.length = this.#position;
    if (!this.recorder.started) await this.#start('actions changed');
  }

  async #next<T extends JsonValue>(
    action: string,
    inputs: JsonValue,
    execute: () => Promise<T>,
    prepare: (() => Promise<void>) | undefined,
    note: string | undefined,
  ): Promise<T> {
    if (this.#closed)
      throw new PhaseError('PHASE_FAILED', `${action} was called after the post-install callback had ended`, {
        hint: 'Await every action in the callback.',
      });
    const digest = hashInputs({ action, inputs });
    const recorded = this.#entries[this.#position];
    if (!this.#diverged && recorded?.digest === digest) {
      this.recorder.emit({ type: 'action:replayed', ...this.#place(action) });
      this.#position += 1;
      return recorded.result as T;
    }
    this.recorder.signal.throwIfAborted();
    await prepare?.();
    if (!this.#diverged) {
      this.#diverged = true;
      this.#entries.length = this.#position;
      if (!this.recorder.started) await this.#start(this.#reason());
    }
    return this.#told(action, note, async () => {
      // What a JavaScript callback returns as undefined must look the same now and when it is replayed.
      const result = ((await execute()) as T | undefined) ?? null;
      this.#entries.push({
        action,
        digest,
        result: result as JournalEntry['result'],
        at: this.recorder.now(),
      });
      this.#position += 1;
      // One that could not be stored is stored with the next.
      for (const entry of this.#entries.slice(this.#stored)) {
        await this.recorder.append(entry);
        this.#stored += 1;
      }
      return result as T;
    });
  }

  /** Does an action that counts as done when it is on record, and tells how it goes. */
  async #told<T extends JsonValue>(
    action: string,
    note: string | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const { recorder } = this;
    const place = this.#place(action);
    recorder.emit({
      ...{ type: 'action:started', ...place },
      ...(note === undefined ? {} : { note: recorder.redact(note) }),
    });
    const startedAtMs = Date.parse(recorder.now());
    const durationMs = () => Date.parse(recorder.now()) - startedAtMs;
    try {
      const result = await work();
      recorder.emit({
        type: 'action:completed',
        ...place,
        durationMs: durationMs(),
        ...changedIn(result),
      });
      return result;
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
    const keepJournal = this.#entries.length;
    const facts = { input_hash: this.hash };
    await this.recorder.start({ reason, facts, seen: this.record, keepJournal });
    this.#stored = keepJournal;
  }

  #reason(): PhaseStartReason {
    const reason = reasonToRun(this.record, this.hash);
    return reason === 'output missing or changed' ? 'actions changed' : reason;
  }
}

/** Whether an action changed something, where its result says so. */
function changedIn(result: JsonValue): { readonly changed?: boolean } {
  if (typeof result !== 'object' || result === null || !Object.hasOwn(result, 'changed')) return {};
  const { changed } = result as { readonly changed?: unknown };
  return typeof changed === 'boolean' ? { changed } : {};
}
