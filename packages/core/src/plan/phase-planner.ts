import { type InputChange, type Logger, nodeName, withCleanup } from '@turingpi/foundation';
import type { BoardGuard } from '../board/board-guard.js';
import type { NodeErasure } from '../erasure/node-erasure.js';
import type { EventBus } from '../event/event-bus.js';
import { redactProgress } from '../logging/redact-progress.js';
import type { Redactor } from '../logging/redactor.js';
import type { Node } from '../node/node.js';
import { decidePhase } from '../phase/decide-phase.js';
import { ImageOfRun } from '../phase/image-of-run.js';
import { changedInputs, digestInputs, hashDigests, type InputDigests } from '../phase/input-digests.js';
import { alreadyRunning } from '../phase/phase-held.js';
import { isRangeEnd } from '../phase/phase-range.js';
import type { PhaseRunnerOptions } from '../phase/phase-runner.js';
import type { JournaledPhaseStep, PhaseEnvironment, PhaseStep } from '../phase/phase-step.js';
import {
  type ConfiguredNode,
  type InstalledNode,
  type PhaseName,
  type PhaseOutputs,
  PHASES,
} from '../phase/phase.js';
import type { NodeState, PhaseRecord } from '../state/state-document.js';
import { standingInstallation } from '../state/standing-installation.js';
import type { StateStore } from '../state/state-store.js';
import type { PlannedPhase } from './cluster-plan.js';
import { NotForeseeable } from './not-foreseeable.js';
import { notReached, plannedFailure } from './planned-failure.js';
import { planActions } from './plan-actions.js';

/** What planning needs of the cluster. */
export interface PhasePlannerServices {
  /** Written to by nobody. */
  readonly state: StateStore;
  readonly events: EventBus;
  readonly redactor: Redactor;
  readonly guard: BoardGuard;
  readonly now: () => Date;
}

/** Finds out what a run would make of the phases of one node, and does nothing. */
export class PhasePlanner {
  readonly #planned = new Map<PhaseName, PlannedPhase>();
  readonly #image = new ImageOfRun();
  #installed: InstalledNode | undefined;

  constructor(
    private readonly services: PhasePlannerServices,
    private readonly node: Node,
    private readonly signal: AbortSignal,
    private readonly logger: Logger,
    private readonly erasure: NodeErasure,
    private readonly options: Pick<PhaseRunnerOptions, 'reinstall' | 'offline' | 'range'>,
  ) {}

  /**
   * What a run would make of each phase, those included that its workflow did not come to.
   *
   * @param failure - what the workflow ended with; undefined when it came to its end
   */
  phases(failure: unknown): readonly PlannedPhase[] {
    const { redactor } = this.services;
    const isEnded = failure === undefined || isRangeEnd(failure);
    const isFailed = !isEnded && !NotForeseeable.is(failure);
    const isTold = [...this.#planned.values()].some(({ decision }) => decision === 'blocked');
    const next = PHASES.find((phase) => !this.#planned.has(phase));
    if (isFailed && !isTold && next !== undefined) this.#note(plannedFailure(next, failure, redactor, []));
    const told = [...this.#planned.values()];
    return PHASES.map((phase) => this.#planned.get(phase) ?? notReached(phase, told, isEnded));
  }

  /** The installation that the node has, or would have. */
  get installed(): InstalledNode | undefined {
    return this.#installed;
  }

  /**
   * What a run would hand on, as far as that can be known.
   *
   * @throws What a run would end with; NotForeseeable where the workflow cannot go on without running.
   */
  async run<P extends PhaseName>(step: PhaseStep<P>): Promise<PhaseOutputs[P]> {
    return this.#noting(step.id, async (environment) => {
      const recorded = await this.#recorded(step);
      return recorded ?? this.#plan(step, environment);
    });
  }

  /** The last phase: its actions are compared with the journal, up to the first that would be done. */
  async runJournaled(step: JournaledPhaseStep): Promise<ConfiguredNode> {
    return this.#noting(step.id, async (environment) => {
      const recorded = await this.#recorded(step);
      return recorded ?? this.#planActions(step, environment);
    });
  }

  async #plan<P extends PhaseName>(
    step: PhaseStep<P>,
    environment: PhaseEnvironment,
  ): Promise<PhaseOutputs[P]> {
    const { node, erasure, services } = this;
    const { reinstall, offline, range } = this.options;
    if (!offline) await services.guard.check(this.signal);
    const named = typeof step.inputs === 'function' ? await step.inputs(environment) : step.inputs;
    const inputs = digestInputs(named);
    const hash = hashDigests(inputs);
    const records = await this.#records(step.id);
    const decision = await decidePhase({
      ...{ step, node, hash, inputs, records, environment, erasure, reinstall, offline },
      imageOnly: !range.includes('os_installation'),
      ...{ now: services.now(), imagePlan: this.#image.plan },
    });
    const facts = this.#image.factsOf(step, hash, inputs, decision);
    if ('reuse' in decision) {
      const output = step.refresh?.(decision.reuse) ?? decision.reuse;
      this.#note({ ...SKIPPED, phase: step.id, inputHashes: [hash], ...noteOf(decision) });
      return this.#keep(step, this.#image.keep(step, facts, output));
    }
    if (decision.inPlace !== undefined) {
      const { run: reason, changes = [], inPlace } = decision;
      const how = { power: false, takesEffect: 'in place' } as const;
      this.#note({
        phase: step.id,
        decision: 'run',
        reason,
        changes,
        inputHashes: [hash],
        unknown: [],
        ...how,
      });
      return this.#keep(step, this.#image.keep(step, facts, inPlace.output));
    }
    const changes = await this.#changes(step, records, inputs);
    const run: PlannedPhase = {
      ...{ phase: step.id, decision: 'run', reason: decision.run, changes, inputHashes: [hash] },
      unknown: (await step.unforeseen?.()) ?? [],
      power: step.id === 'os_installation',
      takesEffect: this.options.reinstall ? 'by a reinstallation' : 'with the installation',
      ...(decision.written === undefined ? this.#erases(step, records) : {}),
      ...estimateOf(records[step.id]),
    };
    let output: PhaseOutputs[P];
    try {
      output = decision.written ?? (await foreseen(step, environment));
    } catch (error) {
      if (NotForeseeable.is(error)) this.#note(run); // it runs, and what comes after it is not known
      throw error;
    }
    this.#note(run);
    return this.#keep(step, this.#image.keep(step, facts, output));
  }

  async #planActions(step: JournaledPhaseStep, environment: PhaseEnvironment): Promise<ConfiguredNode> {
    const record = (await this.#records(step.id))[step.id];
    const installation = this.#planned.get('os_installation');
    const isNew = installation?.decision === 'run' && installation.takesEffect !== 'in place';
    const before = isNew ? [] : await this.services.state.journal(nodeName(this.node.id), step.id);
    const planned = await planActions(step, { record, before, isNew }, environment);
    this.#note({ ...planned, ...(planned.decision === 'run' ? estimateOf(record) : {}) });
    return { installationId: step.installationId, actions: 0 };
  }

  async #noting<T>(phase: PhaseName, plan: (environment: PhaseEnvironment) => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const { services, signal, logger, node } = this;
    try {
      return await withCleanup(
        (cleanup) =>
          plan({
            ...{ signal, cleanup, logger: logger.child({ phase }) },
            take: () => Promise.reject(new TypeError('a plan takes no resources')),
            isWanted: () => false,
            hasWritten: () => Promise.reject(new TypeError('a plan writes to no disk')),
            progress: (progress) =>
              services.events.emit(node, {
                type: 'phase:progress',
                phase,
                progress: redactProgress(progress, services.redactor),
              }),
          }),
        (error) => logger.error({ err: error, phase }, 'cleanup failed'),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (this.#planned.get(phase) === undefined && !isRangeEnd(error))
        this.#note(
          plannedFailure(phase, error, services.redactor, this.erasure.asked?.erasure.changes ?? []),
        );
      throw error;
    }
  }

  /** What is on record of a phase that is not run; undefined for one that is. */
  async #recorded<P extends PhaseName>(
    step: Pick<PhaseStep<P>, 'id' | 'rerun'>,
  ): Promise<PhaseOutputs[P] | undefined> {
    const phase = step.id;
    const records = (await this.services.state.load())[nodeName(this.node.id)] ?? {};
    const output = this.options.range.recorded(step, records, this.node);
    if (output === undefined) return undefined;
    this.#image.take(phase, output, records);
    this.#note({ ...SKIPPED, phase, inputHashes: [], note: 'taken as it is on record' });
    return output;
  }

  async #records(phase: PhaseName): Promise<NodeState> {
    const { state } = this.services;
    const name = nodeName(this.node.id);
    const holder = await state.holder(name, phase, { signal: this.signal }); // it may take a while to show that it lives
    if (holder !== undefined) throw alreadyRunning(phase, this.node, holder);
    return (await state.load())[name] ?? {}; // afterwards: who ran it may just have finished
  }

  /** What differs from the record that would be replaced, in the words of the step where it has some. */
  async #changes<P extends PhaseName>(
    step: PhaseStep<P>,
    records: NodeState,
    inputs: InputDigests,
  ): Promise<readonly InputChange[]> {
    const asked = this.erasure.asked?.erasure;
    if (step.id === 'image_customization' && asked?.evidence === 'installed') return asked.changes;
    const before = records[step.id];
    if (before?.inputs === undefined) return [];
    const changes = changedInputs(before.inputs, inputs);
    if (step.explain === undefined || before.output === undefined) return changes;
    return step.explain(changes, before.output as unknown as PhaseOutputs[P]);
  }

  #erases({ id }: PhaseStep<PhaseName>, records: NodeState): Pick<PlannedPhase, 'erases'> {
    const erasure = this.erasure.asked?.erasure;
    if (id !== 'os_installation' || erasure === undefined) return {};
    const { disk, evidence, loss } = erasure;
    const installation = standingInstallation(records.os_installation)?.installation_id;
    return { erases: { disk, evidence, loss, ...(installation === undefined ? {} : { installation }) } };
  }

  #keep<P extends PhaseName>(step: PhaseStep<P>, output: PhaseOutputs[P]): PhaseOutputs[P] {
    if (step.id === 'os_installation') this.#installed = output as InstalledNode;
    return output;
  }

  /** A phase that the workflow comes to twice, as an image that is made again, runs when one of the two does. */
  #note(planned: PlannedPhase): void {
    const { phase, inputHashes } = planned;
    const known = this.#planned.get(phase);
    const both = [...new Set([...(known?.inputHashes ?? []), ...inputHashes])];
    this.#planned.set(phase, { ...(known?.decision === 'run' ? known : planned), inputHashes: both });
  }
}

function foreseen<P extends PhaseName>(
  step: PhaseStep<P>,
  environment: PhaseEnvironment,
): Promise<PhaseOutputs[P]> {
  if (step.foresee === undefined) throw new NotForeseeable(`what ${step.id} hands on`);
  return step.foresee(environment);
}

const SKIPPED = { decision: 'skip', changes: [], unknown: [], power: false } as const;

function noteOf({ note }: { readonly note?: string }): { readonly note?: string } {
  return note === undefined ? {} : { note };
}

function estimateOf(record: PhaseRecord | undefined): { readonly estimateMs?: number } {
  return record?.duration_ms === undefined ? {} : { estimateMs: record.duration_ms };
}
