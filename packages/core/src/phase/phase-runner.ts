import { CleanupStack } from '../cleanup/cleanup-stack.js';
import { PhaseError } from '../errors/phase-error.js';
import { TuringPiError } from '../errors/turing-pi-error.js';
import type { PhaseStartReason, Progress } from '../event/event.js';
import type { EventBus } from '../event/event-bus.js';
import type { Logger } from '../logging/logger.js';
import type { Redactor } from '../logging/redactor.js';
import { nodeName } from '../node/node-id.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { hashInputs } from './canonical-json.js';
import { describeFailure } from './describe-failure.js';
import type { Mutex } from './mutex.js';
import { currentOwner, isOwnerAlive } from './phase-owner.js';
import type { PhaseEnvironment, PhaseStep } from './phase-step.js';
import type { PhaseName, PhaseOutputs } from './phase.js';
import { recordOutput } from './record-output.js';

/** What all phases of all nodes share. */
export interface PhaseRunnerServices {
  readonly state: StateStore;
  readonly events: EventBus;
  readonly redactor: Redactor;
  /** One image is customised at a time: the first node can then be flashed while the next image is made. */
  readonly customization: Mutex;
  readonly now: () => Date;
}

/** Runs the phases of one node: skip what is done, run what is not, record what happened. */
export class PhaseRunner {
  constructor(
    private readonly services: PhaseRunnerServices,
    private readonly node: Node,
    private readonly signal: AbortSignal,
    private readonly logger: Logger,
  ) {}

  /**
   * Runs one phase through its lifecycle.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when a living process runs it; what the phase throws, recorded.
   */
  async run<P extends PhaseName>(step: PhaseStep<P>): Promise<PhaseOutputs[P]> {
    const { phase } = step;
    this.signal.throwIfAborted();
    await using cleanup = new CleanupStack();
    const environment = this.environment(phase, cleanup);
    const startedAt = this.services.now();
    try {
      const inputs = typeof step.inputs === 'function' ? await step.inputs(environment) : step.inputs;
      const hash = hashInputs(inputs);
      const record = await this.readRecord(phase);
      const reason = await this.#whyRun(step, record, hash, environment);
      if (reason === undefined) {
        this.emit({ type: 'phase:skipped', phase });
        return record?.output as unknown as PhaseOutputs[P];
      }
      if (phase === 'image_customization')
        cleanup.defer('turn of image customisation', await this.services.customization.acquire(this.signal));
      await this.markRunning(phase, hash, startedAt, record);
      this.emit({ type: 'phase:started', phase, reason });
      const output = await this.#execute(step, environment);
      await this.writeRecord(phase, {
        status: 'completed',
        timestamp: this.services.now().toISOString(),
        input_hash: hash,
        ...recordOutput(output),
      });
      this.emit({ type: 'phase:completed', phase, durationMs: this.elapsed(startedAt) });
      return output;
    } catch (error) {
      throw await this.recordFailure(phase, startedAt, error);
    }
  }

  environment(phase: PhaseName, cleanup: CleanupStack): PhaseEnvironment {
    return {
      signal: this.signal,
      logger: this.logger.child({ phase }),
      cleanup,
      progress: (progress: Progress) => this.emit({ type: 'phase:progress', phase, progress }),
    };
  }

  async readRecord(phase: PhaseName): Promise<PhaseRecord | undefined> {
    return (await this.services.state.read())[nodeName(this.node.id)]?.[phase];
  }

  async writeRecord(phase: PhaseName, record: PhaseRecord): Promise<void> {
    await this.services.state.writePhase(nodeName(this.node.id), phase, record);
  }

  /** Marks a phase as running, signed by this process. What an earlier run left is kept where it still helps. */
  async markRunning(
    phase: PhaseName,
    hash: string,
    startedAt: Date,
    previous: PhaseRecord | undefined,
  ): Promise<void> {
    await this.writeRecord(phase, {
      ...(previous?.journal === undefined ? {} : { journal: previous.journal }),
      status: 'running',
      timestamp: startedAt.toISOString(),
      input_hash: hash,
      owner: await currentOwner(startedAt),
    });
  }

  /** @throws PhaseError `PHASE_ALREADY_RUNNING` when the record's owner lives. */
  async assertNotRunning(phase: PhaseName, record: PhaseRecord | undefined): Promise<void> {
    if (record?.status !== 'running' || record.owner === undefined) return;
    const mine = record.owner.pid === process.pid;
    if (mine || !(await isOwnerAlive(record.owner, this.services.now()))) return;
    throw new PhaseError(
      'PHASE_ALREADY_RUNNING',
      `${phase} of ${this.node.hostname} is being run by process ${record.owner.pid} on ${record.owner.host}`,
      { hint: 'Wait for it to end, or stop it, and run again.' },
    );
  }

  /** Why a matching completed record is not enough. */
  reasonToRun(record: PhaseRecord | undefined, hash: string): PhaseStartReason {
    if (record === undefined || record.status === 'pending') return 'first run';
    if (record.status === 'running') return 'previous run crashed';
    if (record.input_hash !== hash) return 'inputs changed';
    return record.status === 'failed' ? 'previous run failed' : 'output missing or changed';
  }

  /**
   * Records a failed phase and tells it.
   *
   * @returns The error to throw: the original one when it says something by itself, else wrapped.
   */
  async recordFailure(phase: PhaseName, startedAt: Date, error: unknown): Promise<unknown> {
    const failure = describeFailure(error, this.signal, this.services.redactor);
    if (!isOnlyRefusal(error)) {
      const record = await this.readRecord(phase).catch(() => undefined);
      await this.writeRecord(phase, {
        ...(record?.input_hash === undefined ? {} : { input_hash: record.input_hash }),
        ...(record?.journal === undefined ? {} : { journal: record.journal }),
        status: 'failed',
        timestamp: this.services.now().toISOString(),
        error: { ...failure },
      }).catch((cause: unknown) =>
        this.logger.error({ err: cause, phase }, 'the failure could not be recorded'),
      );
    }
    this.emit({ type: 'phase:failed', phase, durationMs: this.elapsed(startedAt), ...failure });
    if (this.signal.aborted || TuringPiError.is(error)) return error;
    return new PhaseError('PHASE_FAILED', `${phase} of ${this.node.hostname} failed: ${failure.message}`, {
      cause: error,
      details: { phase, node: this.node.id },
    });
  }

  elapsed(since: Date): number {
    return this.services.now().getTime() - since.getTime();
  }

  emit(event: Parameters<EventBus['emit']>[1]): void {
    this.services.events.emit(this.node, event);
  }

  async #whyRun<P extends PhaseName>(
    step: PhaseStep<P>,
    record: PhaseRecord | undefined,
    hash: string,
    environment: PhaseEnvironment,
  ): Promise<PhaseStartReason | undefined> {
    await this.assertNotRunning(step.phase, record);
    if (step.force !== true && record?.status === 'completed' && record.input_hash === hash) {
      const output = record.output as unknown as PhaseOutputs[P] | undefined;
      if (output !== undefined && (await step.isOutputValid(output, environment))) return undefined;
    }
    return this.reasonToRun(record, hash);
  }

  /** The phase's own cleanup ends before its result counts: an image whose temporary files stayed is not done. */
  async #execute<P extends PhaseName>(
    step: PhaseStep<P>,
    environment: PhaseEnvironment,
  ): Promise<PhaseOutputs[P]> {
    await using cleanup = new CleanupStack();
    return await step.execute({ ...environment, cleanup });
  }
}

/** Errors that say that this run may not touch the record. */
function isOnlyRefusal(error: unknown): boolean {
  return TuringPiError.is(error) && error.code === 'PHASE_ALREADY_RUNNING';
}
