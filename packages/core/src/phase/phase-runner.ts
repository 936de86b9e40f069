import {
  type CleanupStack,
  withCleanup,
  type InputChange,
  type Logger,
  ErasureError,
} from '@turingpi/foundation';

import type { Node } from '../node/node.js';
import type { NodeErasure } from '../erasure/node-erasure.js';
import { redactProgress } from '../logging/redact-progress.js';

import type { NodeState, PhaseRecord } from '../state/state-document.js';
import type { PhaseFacts } from './claimed-record.js';
import { PhaseResources, type ResourceServices } from '../schedule/phase-resources.js';
import type { RepeatApproval } from './action-facts.js';
import { decidePhase } from './decide-phase.js';
import { triedWith } from './in-place.js';
import { installedInPlace } from './installed-in-place.js';
import type { PhaseDecision } from './phase-decision.js';
import { ImageOfRun } from './image-of-run.js';
import { changedInputs, digestInputs, hashDigests, type InputDigests } from './input-digests.js';
import { runJournaledPhase } from './journaled-phase.js';
import type { PhaseRange } from './phase-range.js';
import { PhaseRecorder } from './phase-recorder.js';
import type { PhaseRecorderServices } from './phase-recorder-services.js';
import type { JournaledPhaseStep, PhaseEnvironment, PhaseStep } from './phase-step.js';
import type { ConfiguredNode, InstalledNode, PhaseName, PhaseOutputs } from './phase.js';

/** What all phases of all nodes share. */
export type PhaseRunnerServices = PhaseRecorderServices & ResourceServices;

/** How a run treats a node. */
export interface PhaseRunnerOptions {
  /** A new installation is asked for, whatever is on record. */
  readonly reinstall: boolean;
  /** Nodes are not asked whether what is on record still holds. */
  readonly offline: boolean;
  /** The phases that are run. */
  readonly range: PhaseRange;
  /** Whether actions are repeated that may do harm the second time. */
  readonly mayRepeat: RepeatApproval;
  /** Before a finished installation is erased; rejects where it is not to be. */
  readonly beforeErase: () => Promise<void>;
  /** The run that it is part of. */
  readonly runId?: string | undefined;
  /** What is put on record of an installation besides. */
  readonly installationFacts: () => Pick<PhaseFacts, 'owed'>;
}

/** What is changed in place, and what its record begins with. */
interface BeginInPlace<P extends PhaseName> {
  readonly facts: PhaseFacts;
  readonly hash: string;
  readonly inPlace: NonNullable<Extract<PhaseDecision<P>, { run: unknown }>['inPlace']>;
  readonly begin: Pick<Extract<PhaseDecision<P>, { run: unknown }>, 'run' | 'changes'>;
}

interface PhaseResult<P extends PhaseName> {
  readonly facts: PhaseFacts;
  readonly output: PhaseOutputs[P];
  readonly executed: boolean;
  readonly note?: string;
}

/** Runs the phases of one node: skip what is done, run what is not, record what happened. */
export class PhaseRunner {
  readonly #image = new ImageOfRun();
  /** What could not be proven of a node whose phases were skipped. */
  #unproven: string | undefined;

  constructor(
    private readonly services: PhaseRunnerServices,
    private readonly node: Node,
    private readonly signal: AbortSignal,
    private readonly logger: Logger,
    private readonly erasure: NodeErasure,
    private readonly options: PhaseRunnerOptions,
  ) {}

  /** Why the node could not be asked whether its record holds; undefined when it could, or was installed. */
  get unproven(): string | undefined {
    return this.#unproven;
  }

  /** Somebody has logged in to the node with the key on record since: it is the right one, and it is up. */
  hasProvenItself(): void {
    this.#unproven = undefined;
  }

  /**
   * Runs one phase through its lifecycle.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when a living process runs it; what the phase throws, recorded.
   */
  async run<P extends PhaseName>(step: PhaseStep<P>): Promise<PhaseOutputs[P]> {
    this.signal.throwIfAborted();
    const recorder = this.#recorderOf(step.id);
    const records = await recorder.readNode();
    const recorded = this.options.range.recorded(step, records, this.node);
    if (recorded !== undefined) {
      this.#image.take(step.id, recorded, records);
      return recorded;
    }
    try {
      // The cleanup ends before the result counts: an image whose temporary files stayed is not done.
      const { facts, output, executed, note } = await withCleanup(
        (cleanup) => this.#runOrReuse(step, recorder, cleanup),
        (error) => this.#logCleanupFailure(step.id, error),
      );
      if (!executed) recorder.skip(note);
      else {
        await recorder.complete(facts, output);
        if (step.id === 'os_installation') await this.erasure.hasInstalled();
      }
      return output;
    } catch (error) {
      throw await recorder.fail(error);
    }
  }

  /** Runs the post-install phase, whose inputs are known only as it runs. */
  async runJournaled(step: JournaledPhaseStep): Promise<ConfiguredNode> {
    this.signal.throwIfAborted();
    await this.erasure.release();
    const recorder = this.#recorderOf(step.id);
    const recorded = this.options.range.recorded(step, await recorder.readNode(), this.node);
    if (recorded !== undefined) return recorded;
    try {
      if (!this.options.offline) await this.services.guard.check(this.signal);
      const inEnvironment = <T>(work: (environment: PhaseEnvironment) => Promise<T>) =>
        withCleanup(
          (cleanup) => work(this.#environment(recorder, cleanup)),
          (error) => this.#logCleanupFailure(step.id, error),
        );
      return await runJournaledPhase(step, recorder, inEnvironment, this.options.mayRepeat);
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
    if (!this.options.offline) await this.services.guard.check(this.signal);
    const named = typeof step.inputs === 'function' ? await step.inputs(environment) : step.inputs;
    const inputs = digestInputs(named);
    const hash = hashDigests(inputs);
    await recorder.assertNotRunning();
    const records = await recorder.readNode(); // afterwards: who ran it may just have finished
    const { node, erasure, services } = this;
    const { reinstall, offline, range } = this.options;
    const imageOnly = !range.includes('os_installation');
    const decision = await decidePhase({
      ...{ step, node, hash, inputs, records, environment, erasure, reinstall, offline, imageOnly },
      ...{ now: services.now(), imagePlan: this.#image.plan },
    });
    const facts = this.#image.factsOf(step, hash, inputs, decision);
    if ('reuse' in decision) {
      if (decision.amend !== undefined) await recorder.notes.amend(decision.amend, records[step.id]);
      const output = step.refresh?.(decision.reuse) ?? decision.reuse;
      if (output !== decision.reuse) await recorder.notes.amendOutput(output, records[step.id]);
      if (step.id === 'os_installation') this.#unproven = decision.note;
      return { facts, output: this.#image.keep(step, facts, output), executed: false, ...noteOf(decision) };
    }
    if (decision.inPlace !== undefined) {
      const { inPlace, ...begin } = decision;
      return this.#runInPlace({ facts, hash, inPlace, begin }, recorder, environment, records);
    }
    if (step.resources?.includes('image-work') === true)
      cleanup.use('turn of image work', await environment.take('image-work'));
    this.signal.throwIfAborted();
    if (decision.permit?.erasure.evidence === 'installed') await this.options.beforeErase();
    const start = { ...facts, input_hash: hash };
    await recorder.start({
      ...{ reason: decision.run, facts: start, seen: records[step.id] },
      ...changesIn(decision, records[step.id], inputs),
    });
    const { permit } = decision;
    if (permit !== undefined) this.erasure.onlyAfter(() => recorder.assertOurs());
    const output = await step.run({
      ...environment,
      ...(permit !== undefined && { permit }),
      ...(decision.written !== undefined && { written: decision.written as InstalledNode }),
      hasWritten: (installed) => recorder.hasWritten(installed, this.#image.factsOf(step, hash, inputs)),
    });
    if (permit?.begun === false) throw notBegun(step.id);
    const made = this.#image.factsOf(step, hash, inputs); // again: the installer may have had the image made anew
    const done = step.id === 'os_installation' ? { ...made, ...this.options.installationFacts() } : made;
    return { facts: done, output: this.#image.keep(step, done, output), executed: true };
  }

  /** Changes a finished node as it runs. What may be on it goes on record before, and what is on it afterwards. */
  async #runInPlace<P extends PhaseName>(
    { facts, hash, inPlace, begin }: BeginInPlace<P>,
    recorder: PhaseRecorder,
    environment: PhaseEnvironment,
    { os_installation: seen }: NodeState,
  ): Promise<PhaseResult<P>> {
    this.signal.throwIfAborted();
    const { installed, trying, output } = inPlace;
    const tried = triedWith(seen?.tried ?? {}, trying);
    const start = { ...facts, input_hash: hash, tried };
    const { run: reason, changes = [] } = begin;
    await recorder.start({ reason, changes, facts: start, seen });
    await inPlace.apply(environment);
    const done = { at: recorder.now(), run: this.options.runId, settings: Object.keys(tried) };
    const evidence = installedInPlace(installed, done);
    return {
      facts: { ...facts, ...evidence },
      output: this.#image.keep({ id: recorder.phase as P }, facts, output),
      executed: true,
    };
  }

  #recorderOf(phase: PhaseName): PhaseRecorder {
    return new PhaseRecorder(phase, this.node, this.signal, this.logger.child({ phase }), this.services);
  }

  #environment(recorder: PhaseRecorder, cleanup: CleanupStack): PhaseEnvironment {
    const { phase, signal, logger } = recorder;
    const resources = new PhaseResources(recorder, this.services);
    return {
      signal,
      logger,
      cleanup,
      take: (resource) => resources.take(resource),
      isWanted: (resource) => resources.isWanted(resource),
      hasWritten: () => Promise.reject(new TypeError(`${phase} writes to no disk`)),
      progress: (progress) =>
        recorder.emit({
          type: 'phase:progress',
          phase,
          progress: redactProgress(progress, this.services.redactor),
        }),
    };
  }

  #logCleanupFailure(phase: PhaseName, error: unknown): void {
    this.logger.error({ err: error, phase }, 'cleanup failed after the phase had failed');
  }
}

/** Which named inputs differ from what is on record, where there is something to compare. */
function changesIn(
  { changes }: { readonly changes?: readonly InputChange[] },
  record: PhaseRecord | undefined,
  inputs: InputDigests,
): { readonly changes?: readonly InputChange[] } {
  if (changes !== undefined) return { changes };
  return record?.inputs === undefined ? {} : { changes: changedInputs(record.inputs, inputs) };
}

function noteOf({ note }: { readonly note?: string }): { readonly note?: string } {
  return note === undefined ? {} : { note };
}

/** A strategy that never said when it begins has erased without the ledger knowing, or nothing at all. */
function notBegun(phase: PhaseName): ErasureError {
  return new ErasureError('ERASE_NOT_APPROVED', `${phase} ended without using its permit to erase`, {
    hint: 'This is a bug of the plugin that installs: it calls `permit.begin` directly before it erases.',
  });
}
