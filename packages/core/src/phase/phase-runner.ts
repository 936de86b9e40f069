import type { CleanupStack } from '../cleanup/cleanup-stack.js';
import { withCleanup } from '../cleanup/with-cleanup.js';
import type { PhaseStartReason, Progress } from '../event/event.js';
import type { Logger } from '../logging/logger.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import { hashInputs } from './canonical-json.js';
import { runJournaledPhase } from './journaled-phase.js';
import type { Mutex } from './mutex.js';
import { PhaseRecorder, type PhaseRecorderServices } from './phase-recorder.js';
import type { JournaledPhaseStep, PhaseEnvironment, PhaseStep } from './phase-step.js';
import type { ConfiguredNode, PhaseName, PhaseOutputs } from './phase.js';

/** What all phases of all nodes share. */
export interface PhaseRunnerServices extends PhaseRecorderServices {
  /** One image is customised at a time: the first node can then be flashed while the next image is made. */
  readonly customization: Mutex;
}

interface PhaseResult<P extends PhaseName> {
  readonly hash: string;
  readonly output: PhaseOutputs[P];
  readonly executed: boolean;
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
    this.signal.throwIfAborted();
    const recorder = this.#recorderOf(step.phase);
    try {
      // The cleanup ends before the result counts: an image whose temporary files stayed is not done.
      const { hash, output, executed } = await withCleanup(
        (cleanup) => this.#runOrReuse(step, recorder, cleanup),
        (error) => this.#logCleanupFailure(step.phase, error),
      );
      if (executed) await recorder.complete(hash, output);
      else recorder.skip();
      return output;
    } catch (error) {
      throw await recorder.fail(error);
    }
  }

  /** Runs the post-install phase, whose inputs are known only as it runs. */
  async runJournaled(step: JournaledPhaseStep): Promise<ConfiguredNode> {
    this.signal.throwIfAborted();
    const recorder = this.#recorderOf(step.phase);
    try {
      return await runJournaledPhase(step, recorder, (work) =>
        withCleanup(
          (cleanup) => work(this.#environment(recorder, cleanup)),
          (error) => this.#logCleanupFailure(step.phase, error),
        ),
      );
    } catch (error) {
      throw await recorder.fail(error);
    }
  }

  async #runOrReuse<P extends PhaseName>(
    step: PhaseStep<P>,
    recorder: PhaseRecorder,
    cleanup: CleanupStack,
  ): Promise<PhaseResult<P>> {
    const environment = this.#environment(recorder, cleanup);
    const inputs = typeof step.inputs === 'function' ? await step.inputs(environment) : step.inputs;
    const hash = hashInputs(inputs);
    const record = await recorder.read();
    await recorder.assertNotRunning(record);
    const known = await this.#knownOutput(step, record, hash, environment);
    if (known !== undefined) return { hash, output: known, executed: false };
    const reason: PhaseStartReason = recorder.reasonToRun(record, hash);
    if (step.phase === 'image_customization')
      cleanup.defer('turn of image customisation', await this.services.customization.acquire(this.signal));
    this.signal.throwIfAborted();
    await recorder.start(reason, hash);
    return { hash, output: await step.execute(environment), executed: true };
  }

  /** The recorded output, when the record matches and what it tells of is still there. */
  async #knownOutput<P extends PhaseName>(
    step: PhaseStep<P>,
    record: PhaseRecord | undefined,
    hash: string,
    environment: PhaseEnvironment,
  ): Promise<PhaseOutputs[P] | undefined> {
    if (step.force === true || record?.status !== 'completed' || record.input_hash !== hash) return undefined;
    const output = record.output as unknown as PhaseOutputs[P] | undefined;
    return output !== undefined && (await step.isOutputValid(output, environment)) ? output : undefined;
  }

  #recorderOf(phase: PhaseName): PhaseRecorder {
    return new PhaseRecorder(phase, this.node, this.signal, this.logger.child({ phase }), this.services);
  }

  #environment(recorder: PhaseRecorder, cleanup: CleanupStack): PhaseEnvironment {
    const { phase, signal, logger } = recorder;
    return {
      signal,
      logger,
      cleanup,
      progress: (progress) =>
        recorder.emit({ type: 'phase:progress', phase, progress: this.#redacted(progress) }),
    };
  }

  /** A note may be a line that a node printed, or a command. */
  #redacted(progress: Progress): Progress {
    const { note } = progress;
    return note === undefined ? progress : { ...progress, note: this.services.redactor.redact(note) };
  }

  #logCleanupFailure(phase: PhaseName, error: unknown): void {
    this.logger.error({ err: error, phase }, 'cleanup failed after the phase had failed');
  }
}
