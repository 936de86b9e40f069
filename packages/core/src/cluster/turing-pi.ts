import { type ErasePermit, type NodeId, nodeName } from '@turingpi/foundation';
import type { ClusterArchive } from '../archive/cluster-archive.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import { EraseGate } from '../erasure/erase-gate.js';
import type { EventListener } from '../event/event.js';
import type { Node } from '../node/node.js';
import { approvalOfPlan, assertSamePlan } from '../plan/approved-plan.js';
import type { ClusterPlan } from '../plan/cluster-plan.js';
import type { AdoptedNode } from '../phase/adopted-node.js';
import { type InstalledNode, PHASES, type PhaseName } from '../phase/phase.js';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { runsDirectoryOf } from '../run/run-files.js';
import { RunStore } from '../run/run-store.js';
import { adoptedNode } from '../state/adopted-record.js';
import type { JournalEntry } from '../state/journal-entry.js';
import { type RecordedImages, recordedImages } from '../state/recorded-images.js';
import type { SharedPapers } from '../state/shared-papers.js';
import { pendingPhases, type PhaseRecord } from '../state/state-document.js';
import type { ClusterParts } from './cluster-parts.js';
import { ClusterServices } from './cluster-services.js';
import type { ClusterSummary } from './cluster-summary.js';
import type { Context } from './context.js';
import { NodePlans, type PlanOptions } from './node-plans.js';
import { NodeRuns } from './node-runs.js';
import { resolveNode } from './resolve-node.js';
import { type BoardRun, runBoards } from './run-boards.js';
import { signalOfRun } from './signal-of-run.js';
import type { Provision, RunOptions, Workflow } from './workflow.js';

/** What a cluster is made of, and what it closes. */
export interface TuringPiParts extends ClusterParts {
  /** What was opened for it: plugins that have a life of their own, the store of the state. */
  readonly opened: AsyncDisposable;
}

/**
 * One board with its nodes: what `createTuringPi` returns.
 *
 * @remarks Disposed, it ends what its plugins have started and closes its records; a run under way is stopped by its
 * `signal`, not by this.
 */
export class TuringPi implements AsyncDisposable {
  readonly config: ClusterConfig;
  /** The plugins found, and the broken ones that nobody named. */
  readonly plugins: PluginDiscovery;
  readonly registry: PluginRegistry;
  readonly #parts: TuringPiParts;
  readonly #services: ClusterServices;
  readonly #runs: NodeRuns;
  readonly #plans: NodePlans;

  constructor(parts: TuringPiParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.plugins = parts.discovery;
    this.registry = parts.registry;
    this.#services = new ClusterServices(parts);
    this.#runs = new NodeRuns(this.#services);
    this.#plans = new NodePlans(this.#services);
  }

  /** Where the state of this cluster is kept. */
  get stateFile(): string {
    return this.#parts.state.location;
  }

  /** The runs of this cache directory that are on file, those that go on included. */
  get runs(): RunStore {
    return new RunStore(runsDirectoryOf(this.config.cacheDir));
  }

  /** What the store of the state keeps by name besides the records; undefined where it keeps nothing. */
  get papers(): SharedPapers | undefined {
    return this.#parts.state.papers;
  }

  /** What is on record, for tools that look at it, check it, move it, or remove some of it. */
  get archive(): ClusterArchive {
    return this.#services.archive;
  }

  /** Tells a listener everything that happens from now on. @returns Ends the subscription when called. */
  subscribe(listener: EventListener): () => void {
    return this.#services.events.subscribe(listener);
  }

  /** Makes a workflow runnable for single nodes. */
  run<T>(workflow: Workflow<T>): Provision<T> {
    return async (nodeId, options = {}) => {
      let returned: T | undefined;
      const summary = await this.#runs.runNode(
        async (context, node) => {
          returned = await workflow(context, node);
        },
        nodeId,
        options,
      );
      if (summary.outcome !== 'completed') throw summary.error;
      return returned as T; // completed: it has returned
    };
  }

  /**
   * Runs a workflow for every configured node (or for some): images are made one at a time, a board flashes one node
   * at a time, everything else overlaps. One node's failure does not stop the others; finished nodes are reinstalled
   * one at a time, and no further one after a failure.
   *
   * @throws StateError when the records cannot be read: then nothing is run; IdentityError `STATE_OTHER_BOARD`,
   * `BOARD_CHANGED` when they are about another board than the one that answers.
   */
  runAll(
    provision: Provision<unknown>,
    options: RunOptions & { readonly nodes?: readonly NodeId[] } = {},
  ): Promise<ClusterSummary> {
    return runBoards([this.asBoardRun(provision, options)], options);
  }

  /** This board as part of a run of several. */
  asBoardRun(
    provision: Provision<unknown>,
    { nodes, ...options }: RunOptions & { readonly nodes?: readonly NodeId[] },
  ): BoardRun {
    return { runs: this.#runs, provision, nodes, options };
  }

  /**
   * What {@link runAll} would do with a workflow now: for each node and phase whether it runs, why, and what it does to the
   * hardware. Nothing is changed: the builders of the workflow are asked, its nodes and board are only looked at.
   *
   * @remarks The workflow itself is called, up to where it needs what only a run can tell; a post-install callback up to
   * its first action that would be done, and not at all where nothing of it is on record.
   * @throws StateError when the records cannot be read; IdentityError when they are about another board.
   */
  plan(workflow: Workflow<unknown>, options: PlanOptions = {}): Promise<ClusterPlan> {
    return this.#plans.plan(workflow, options);
  }

  /**
   * Sees to it that a plan which was approved is what {@link runAll} would do with the workflow now.
   *
   * @throws PlanError `PLAN_OUTDATED` naming what differs; as {@link plan}.
   */
  async assertPlan(
    approved: ClusterPlan,
    workflow: Workflow<unknown>,
    options: Pick<PlanOptions, 'signal' | 'offline' | 'hooks'> = {},
  ): Promise<void> {
    const nodes = approved.nodes.map(({ nodeId }) => nodeId);
    for (const id of nodes) resolveNode(this.config, id);
    const again = {
      ...approved.limits,
      nodes,
      reinstall: approved.reinstall,
      erase: approvalOfPlan(approved),
      comparable: true,
    };
    assertSamePlan(approved, await this.plan(workflow, { ...options, ...again }));
  }

  /**
   * Has it approved that a node's disk is erased outside a workflow, for example by a flash of one image. Its records
   * are void from the moment in which the permit is used.
   *
   * @param request - `plan`: digest of what is written; `why`: what the record says afterwards
   * @throws ErasureError `ERASE_NOT_APPROVED`; what keeps a run from starting.
   */
  async requestErasure(
    nodeId: NodeId,
    request: {
      readonly plan: string;
      readonly why: string;
      readonly disk?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<ErasePermit> {
    const node = resolveNode(this.config, nodeId);
    const signal = signalOfRun(request.signal);
    await this.#runs.prepare(signal);
    const erasure = this.#services.erasureOf(node, signal, this.#runs.gate());
    const { plan, why, disk = 'emmc' } = request;
    const permit = await erasure.approve({ disk, plan, changes: [], why });
    if (permit === undefined) throw erasure.refusal();
    return permit;
  }

  /**
   * Takes what runs on a node for what the records are about: has the node asked, and makes a record of what it says. A
   * damaged state file is kept under another name, and the board that answers is taken for this project's.
   *
   * @param ask - asks the node what it is
   * @returns What the node says, and where a damaged state file is now.
   * @throws What `ask` throws.
   */
  async adopt(
    nodeId: NodeId,
    ask: (context: Context) => Promise<AdoptedNode>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly node: AdoptedNode; readonly setAside: string | undefined }> {
    const { state, now } = this.#parts;
    const node = resolveNode(this.config, nodeId);
    const signal = signalOfRun(options.signal);
    const setAside = await state.setAside?.();
    const { context } = this.#services.contextFor(node, { signal }, new EraseGate('none'));
    const adopted = await ask(context);
    await this.#services.guard.rebind(signal);
    await state.amend(nodeName(nodeId), (known) => adoptedNode(known, adopted, now().toISOString()));
    return { node: adopted, setAside };
  }

  /**
   * Has something done with a node outside of any run, for example a command on it: nothing of it goes on record, and
   * nothing may be erased.
   *
   * @param work - gets what a workflow gets, and what blots secrets that are known out of a text
   * @returns What `work` returns.
   * @throws PhaseError `NODE_NOT_CONFIGURED`; what `work` throws.
   */
  async visit<T>(
    nodeId: NodeId,
    work: (context: Context, redact: (text: string) => string) => Promise<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    const { redactor } = this.#parts;
    const node = resolveNode(this.config, nodeId);
    const { context } = this.#services.contextFor(
      node,
      { signal: signalOfRun(options.signal) },
      new EraseGate('none'),
    );
    return work(context, (text) => redactor.redact(text));
  }

  /** A configured node with the installation that is on record; undefined when none stands. */
  installedNode(id: NodeId): Promise<{ readonly node: Node; readonly installed: InstalledNode } | undefined> {
    return this.#services.installedNode(id);
  }

  /** What is on record of every configured node. */
  async status(): Promise<ReadonlyMap<NodeId, Readonly<Record<PhaseName, PhaseRecord>>>> {
    const state = await this.#parts.state.load();
    return new Map(
      [...this.config.nodes.keys()].map((id) => {
        const record = state[nodeName(id)];
        const pending = pendingPhases('');
        const phases = PHASES.map((phase) => [phase, record?.[phase] ?? pending[phase]]);
        return [id, Object.fromEntries(phases) as Record<PhaseName, PhaseRecord>];
      }),
    );
  }

  /** What was done in the last phase of a node, in order, as far as it was done for what is on record. */
  journal(nodeId: NodeId): Promise<readonly JournalEntry[]> {
    const node = resolveNode(this.config, nodeId);
    return this.#parts.state.journal(nodeName(node.id), 'post_installation');
  }

  /** The image files that records in the cache directory name, those of other configurations included. */
  recordedImages(): Promise<RecordedImages> {
    const { state, stateFile } = this.#parts;
    return recordedImages(this.config.cacheDir, { state, stateFile });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.opened[Symbol.asyncDispose]();
  }
}
