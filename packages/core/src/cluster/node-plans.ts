import { type NodeId, NODE_IDS, nodeName } from '@turingpi/foundation';
import type { EraseApproval } from '../erasure/erase-approval.js';
import { defined } from '../phase/defined.js';
import { PhaseRange } from '../phase/phase-range.js';
import { type ClusterPlan, clusterPlan, type PlannedNode } from '../plan/cluster-plan.js';
import type { ClusterRecords } from './cluster-records.js';
import type { ClusterServices } from './cluster-services.js';
import { hooksToRun } from './node-hooks.js';
import { resolveNode } from './resolve-node.js';
import { signalOfRun } from './signal-of-run.js';
import type { RunOptions, Workflow } from './workflow.js';

/** How a plan is made. */
export interface PlanOptions extends RunOptions {
  /** Default: every configured node. */
  readonly nodes?: readonly NodeId[];
  /**
   * What may be erased besides disks of new nodes and of interrupted installations, which a run asks about; nodes that are
   * to be reinstalled are among them anyway.
   */
  readonly erase?: EraseApproval;
  /**
   * Keep the key by which digests of secrets are made, which the first run would make: only then is a plan that is made
   * before it comparable with one that is made later. Default: nothing is kept.
   */
  readonly comparable?: boolean;
}

/** Makes plans: what a run would do now, without doing it. */
export class NodePlans {
  constructor(private readonly services: ClusterServices) {}

  async plan(workflow: Workflow<unknown>, options: PlanOptions): Promise<ClusterPlan> {
    const { config, now, state } = this.services.parts;
    const ids = [...new Set(options.nodes ?? NODE_IDS.filter((id) => config.nodes.has(id)))];
    const { from, until } = options;
    new PhaseRange(options); // an empty one is told before anything is looked at
    const signal = signalOfRun(options.signal);
    await state.load(); // what stops every node is found here
    const planning = await this.services.planning({ keepsKey: options.comparable === true });
    const board = options.offline === true ? undefined : await planning.guard.check(signal);
    const nodes: PlannedNode[] = [];
    for (const id of ids) nodes.push(await this.#planNode(workflow, id, { ...options, signal }, planning));
    return clusterPlan({
      ...{ at: now().toISOString(), reinstall: options.reinstall ?? [], nodes },
      ...(board === undefined ? {} : { board }),
      ...(from === undefined && until === undefined ? {} : { limits: defined({ from, until }) }),
    });
  }

  async #planNode(
    workflow: Workflow<unknown>,
    id: NodeId,
    options: PlanOptions & { readonly signal: AbortSignal },
    planning: ClusterRecords,
  ): Promise<PlannedNode> {
    const { signal } = options;
    const node = resolveNode(this.services.parts.config, id);
    const { context, planner } = this.services.planFor(node, options, planning);
    let failure: unknown;
    try {
      await workflow(context, node);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
    const phases = planner.phases(failure);
    const isGoingThrough = phases.every(({ decision }) => decision === 'run' || decision === 'skip');
    const settles = isGoingThrough && new PhaseRange(options).includes('post_installation');
    const record = (await planning.state.load())[nodeName(id)]?.os_installation;
    const installation = phases.find(({ phase }) => phase === 'os_installation');
    const made = installation?.takesEffect === 'in place' ? undefined : installation;
    const hooks = hooksToRun(options.hooks ?? {}, made, record);
    // A run that ends with the installation asks for the health of a node that was reinstalled, and does no more.
    const isReinstalled = isGoingThrough && made?.erases?.evidence === 'installed';
    const early = hooks.filter((name) => name === 'beforeErase' || (isReinstalled && name === 'healthy'));
    return { ...{ nodeId: id, hostname: node.hostname, phases }, hooks: settles ? hooks : early };
  }
}
