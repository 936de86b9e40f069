import { CleanupStack } from '../cleanup/cleanup-stack.js';
import type { PhaseStartReason } from '../event/event.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { JournalRecord } from '../workflow/post-installer-builder.js';
import { hashInputs } from './canonical-json.js';
import type { PhaseRunner } from './phase-runner.js';
import type { Journal, JournaledPhaseStep } from './phase-step.js';
import type { ConfiguredNode, JsonValue } from './phase.js';
import { recordOutput } from './record-output.js';

/**
 * Runs the post-install phase: its callback is replayed against the journal of the last run; from the first action
 * that differs on, actions are executed and recorded one by one.
 */
export async function runJournaledPhase(
  runner: PhaseRunner,
  step: JournaledPhaseStep,
  now: () => Date,
): Promise<ConfiguredNode> {
  const { phase } = step;
  const startedAt = now();
  const hash = hashInputs(step.inputs);
  try {
    const record = await runner.readRecord(phase);
    await runner.assertNotRunning(phase, record);
    const journal = new ReplayedJournal(runner, hash, startedAt, record, now);
    await executeWithCleanup(runner, step, journal);
    const actions = await journal.finish();
    if (!journal.started && record?.status === 'completed' && record.input_hash === hash) {
      runner.emit({ type: 'phase:skipped', phase });
      return { installationId: step.installationId, actions: actions.length };
    }
    if (!journal.started) await journal.start(runner.reasonToRun(record, hash));
    const output: ConfiguredNode = { installationId: step.installationId, actions: actions.length };
    await runner.writeRecord(phase, {
      status: 'completed',
      timestamp: now().toISOString(),
      input_hash: hash,
      journal: [...actions] as PhaseRecord['journal'],
      ...recordOutput(output),
      installation_id: step.installationId,
    });
    runner.emit({ type: 'phase:completed', phase, durationMs: runner.elapsed(startedAt) });
    return output;
  } catch (error) {
    throw await runner.recordFailure(phase, startedAt, error);
  }
}

async function executeWithCleanup(
  runner: PhaseRunner,
  step: JournaledPhaseStep,
  journal: Journal,
): Promise<void> {
  await using cleanup = new CleanupStack();
  await step.execute(runner.environment(step.phase, cleanup), journal);
}

class ReplayedJournal implements Journal {
  #entries: JournalRecord[];
  #position = 0;
  #diverged = false;
  #started = false;
  /** Actions run one after the other in the order of their calls, also when a callback does not await them. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runner: PhaseRunner,
    private readonly hash: string,
    private readonly startedAt: Date,
    private readonly record: PhaseRecord | undefined,
    private readonly now: () => Date,
  ) {
    const matches = record?.input_hash === hash;
    this.#entries = matches ? ([...(record.journal ?? [])] as JournalRecord[]) : [];
  }

  /** Whether anything was executed (or announced) rather than replayed. */
  get started(): boolean {
    return this.#started;
  }

  perform<T extends JsonValue>(action: string, inputs: JsonValue, execute: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#next(action, inputs, execute));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Drops what the callback no longer does and returns what is on record. */
  async finish(): Promise<readonly JournalRecord[]> {
    await this.#tail;
    if (this.#position < this.#entries.length) {
      this.#entries.length = this.#position;
      if (!this.#started) await this.start('actions changed');
    }
    return this.#entries;
  }

  async start(reason: PhaseStartReason): Promise<void> {
    this.#started = true;
    await this.runner.markRunning('post_installation', this.hash, this.startedAt, this.#withJournal());
    this.runner.emit({ type: 'phase:started', phase: 'post_installation', reason });
  }

  async #next<T extends JsonValue>(action: string, inputs: JsonValue, execute: () => Promise<T>): Promise<T> {
    const digest = hashInputs({ action, inputs });
    const recorded = this.#entries[this.#position];
    if (!this.#diverged && recorded?.digest === digest) {
      this.#position += 1;
      return recorded.result as T;
    }
    if (!this.#diverged) {
      this.#diverged = true;
      this.#entries.length = Math.min(this.#position, this.#entries.length);
      if (!this.#started) await this.start(this.#reason());
    }
    const result = await execute();
    this.#entries.push({ action, digest, result: result ?? null, at: this.now().toISOString() });
    this.#position += 1;
    await this.runner.markRunning('post_installation', this.hash, this.startedAt, this.#withJournal());
    return result;
  }

  #reason(): PhaseStartReason {
    const reason = this.runner.reasonToRun(this.record, this.hash);
    return reason === 'output missing or changed' ? 'actions changed' : reason;
  }

  #withJournal(): PhaseRecord {
    return {
      status: 'running',
      timestamp: this.startedAt.toISOString(),
      journal: [...this.#entries] as NonNullable<PhaseRecord['journal']>,
    };
  }
}
