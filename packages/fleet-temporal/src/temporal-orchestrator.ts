import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import {
  checkRollout,
  type EngineLinks,
  type FleetEvent,
  FleetError,
  type FleetStatus,
  isRolloutId,
  type NodePlan,
  type Orchestrator,
  type PlanTask,
  type Rollout,
  type RolloutStatus,
  statusOfRollout,
} from '@turingpi/fleet/orchestrator';
import { agentsWaiting } from './client/agents-waiting.js';
import { askForPlan } from './client/ask-for-plan.js';
import { connectClient } from './client/fleet-connection.js';
import type { FleetConnectionOptions } from './client/fleet-connection-options.js';
import { listedWorkflows } from './client/listed-workflows.js';
import { startRollout } from './client/start-rollout.js';
import { untilWorkflowEnds } from './client/until-workflow-ends.js';
import { SealingCodec } from './codec/sealing-codec.js';
import { UNREADABLE } from './codec/unreadable.js';
import { FleetEngineError } from './fleet-engine-error.js';
import { RolloutEvents } from './history/rollout-events.js';
import { type FleetNames, fleetNames } from './workflow/fleet-names.js';
import { resume } from './workflow/messages.js';
import { type StepTimings, USUAL_TIMINGS } from './workflow/step-timings.js';

/** How a fleet is run on Temporal. */
export interface TemporalOrchestratorOptions extends FleetConnectionOptions {
  /** Default: {@link USUAL_TIMINGS}. */
  readonly timings?: StepTimings;
  /** How long an agent may take to take a question. Milliseconds; default 15 s. */
  readonly planBeginsWithinMs?: number;
  /** Where Temporal's own page shows what it carries. */
  readonly links?: EngineLinks | undefined;
}

const PLAN_BEGINS_WITHIN_MS = 15_000;

/** An {@link Orchestrator} on Temporal: what it is told is kept there, and done by a controller and by agents. */
export class TemporalOrchestrator implements Orchestrator {
  readonly #names: FleetNames;
  readonly #codec: SealingCodec;
  /** What this one has started: lists of the server learn of it a moment later. */
  readonly #started = new Set<string>();
  /** Rollouts that are over, which is not read again by who looks often: they stay as they are. */
  readonly #over = new Map<string, RolloutStatus>();

  private constructor(
    private readonly client: Client,
    private readonly options: TemporalOrchestratorOptions,
  ) {
    this.#names = fleetNames(options.fleet);
    this.#codec = new SealingCodec(options.keys);
  }

  /** @throws FleetEngineError `FLEET_ENGINE_UNREACHABLE`, `FLEET_KEY_INVALID` */
  static async connect(options: TemporalOrchestratorOptions): Promise<TemporalOrchestrator> {
    return new TemporalOrchestrator(await connectClient(options), options);
  }

  get links(): EngineLinks | undefined {
    return this.options.links;
  }

  async start(rollout: Rollout): Promise<void> {
    checkRollout(rollout);
    const { fleet, timings = USUAL_TIMINGS } = this.options;
    await startRollout(this.client, { fleet, rollout, timings });
    this.#started.add(rollout.id);
  }

  async status(): Promise<FleetStatus> {
    const [{ rollouts, unreadable }, draining, agents] = await Promise.all([
      this.#rollouts(),
      this.#draining(),
      agentsWaiting(this.client, this.#names.agents),
    ]);
    return { rollouts, unreadable, agents, draining };
  }

  async ended(rollout: string, signal: AbortSignal): Promise<RolloutStatus> {
    await this.#orUnknown(rollout, () =>
      untilWorkflowEnds(this.client, this.#names.rollout(rollout), signal),
    );
    return this.#statusOf(rollout, signal);
  }

  async cancel(rollout: string): Promise<void> {
    const handle = this.client.workflow.getHandle(this.#names.rollout(rollout));
    const { status } = await this.#orUnknown(rollout, () => handle.describe());
    if (status.name === 'RUNNING') await this.#orUnknown(rollout, () => handle.cancel()).catch(passUnknown);
  }

  async drain(site: string): Promise<void> {
    await this.client.workflow.start('drainWorkflow', {
      workflowId: this.#names.drain(site),
      taskQueue: this.#names.controller,
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }

  async resume(site: string): Promise<void> {
    const handle = this.client.workflow.getHandle(this.#names.drain(site));
    await handle.signal(resume).catch(passNotFound);
  }

  async *events(
    rollout: string,
    { after, signal }: { readonly after: number; readonly signal: AbortSignal },
  ): AsyncGenerator<FleetEvent, void, void> {
    const events = this.#eventsOf(rollout, { follow: true, signal });
    for (;;) {
      const next = await this.#orUnknown(rollout, () => events.next());
      if (next.done === true) return;
      if (next.value.number > after) yield next.value;
    }
  }

  plan(site: string, task: PlanTask, signal: AbortSignal): Promise<readonly NodePlan[]> {
    const { fleet, planBeginsWithinMs = PLAN_BEGINS_WITHIN_MS } = this.options;
    return askForPlan(this.client, { fleet, site, task, beginsWithinMs: planBeginsWithinMs }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.connection.close();
  }

  async #rollouts(): Promise<Required<Pick<FleetStatus, 'rollouts' | 'unreadable'>>> {
    const listed = await this.#listed('rolloutWorkflow', this.#names.rollout(''));
    const ids = [...new Set([...listed.reverse(), ...this.#started])]; // listed newest first
    const read = await Promise.all(ids.map((id) => this.#statusIfReadable(id)));
    return {
      rollouts: read.filter((each) => each !== undefined && each !== UNREADABLE),
      unreadable: ids.filter((_, index) => read[index] === UNREADABLE),
    };
  }

  async #draining(): Promise<readonly string[]> {
    const running = ` AND ExecutionStatus = 'Running'`;
    return (await this.#listed('drainWorkflow', this.#names.drain(''), running)).sort();
  }

  /** What workflows of a kind are about, by their ids, newest first. Those that are called as none of ours is are left out. */
  async #listed(type: string, prefix: string, more = ''): Promise<string[]> {
    const query = `WorkflowType = '${type}' AND TaskQueue = '${this.#names.controller}'${more}`;
    const about: string[] = [];
    for await (const { workflowId } of listedWorkflows(this.client, query))
      if (workflowId.startsWith(prefix)) about.push(workflowId.slice(prefix.length));
    return about.filter(isRolloutId);
  }

  /** One that nobody here can read hides no other; undefined for one that is not kept any longer. */
  async #statusIfReadable(rollout: string): Promise<RolloutStatus | typeof UNREADABLE | undefined> {
    try {
      return await this.#statusOf(rollout, new AbortController().signal);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      if (error instanceof FleetEngineError && error.code === UNREADABLE) return UNREADABLE;
      throw error;
    }
  }

  async #statusOf(rollout: string, signal: AbortSignal): Promise<RolloutStatus> {
    const known = this.#over.get(rollout);
    if (known !== undefined) return known;
    const events = new RolloutEvents(this.client, this.#codec);
    const happened: FleetEvent[] = [];
    const id = this.#names.rollout(rollout);
    for await (const event of events.read(id, { follow: false, signal })) happened.push(event);
    const status = statusOfRollout(events.rollout ?? { id: rollout, boards: [] }, happened);
    if (status.outcome !== undefined) this.#over.set(rollout, status);
    return status;
  }

  #eventsOf(
    rollout: string,
    options: { readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncGenerator<FleetEvent, void, void> {
    return new RolloutEvents(this.client, this.#codec).read(this.#names.rollout(rollout), options);
  }

  async #orUnknown<T>(rollout: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new FleetError(
        'ROLLOUT_UNKNOWN',
        `nobody has started a rollout "${rollout}", or it is long over`,
        {
          hint: '`turingpi fleet status` lists those that are known.',
        },
      );
    }
  }
}

/** It has ended meanwhile. */
function passUnknown(error: unknown): void {
  if (!(error instanceof FleetError && error.code === 'ROLLOUT_UNKNOWN')) throw error;
}

function passNotFound(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
