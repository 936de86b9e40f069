import { type NodeId, NODE_IDS } from '@turingpi/foundation';
import { EraseGate } from '../erasure/erase-gate.js';
import type { EraseMeeting } from '../erasure/erase-meeting.js';
import { PhaseError } from '../errors/phase-error.js';
import { redactError } from '../logging/redact-error.js';
import type { Node } from '../node/node.js';
import { isRangeEnd, PhaseRange } from '../phase/phase-range.js';
import type { BoardOfRun, RecordedRun, RecordedRunParts } from '../run/recorded-run.js';
import { runsDirectoryOf } from '../run/run-files.js';
import { RunStore } from '../run/run-store.js';
import { AfterRuns } from './after-runs.js';
import { asRecordedRun } from './as-recorded-run.js';
import type { ClusterServices } from './cluster-services.js';
import { type NodeSummary, PhaseTally } from './cluster-summary.js';
import { installedOnce } from './installed-once.js';
import { oncePerNode } from './node-hooks.js';
import { endOfNode, logOutcome, notReachable, outcomeOf, stoppedBy } from './node-outcome.js';
import { resolveNode } from './resolve-node.js';
import { withRetries } from './retry.js';
import { signalOfRun } from './signal-of-run.js';
import { isHeldByAnother, type NodeWait, waitForNode } from './wait-for-node.js';
import type { NodeRunOptions, Provision, RunOptions, Workflow } from './workflow.js';

/** What a node belongs to while it is run. */
export interface PlaceInRun {
  /** Where its erasure is approved. */
  readonly gate: EraseGate;
  readonly run: RecordedRun;
}

/** Runs workflows for nodes, tells how they end, and sums it up. */
export class NodeRuns {
  readonly #running = new Set<NodeId>();
  /** What the nodes of a run under way belong to. */
  readonly #places = new Map<NodeId, PlaceInRun>();
  readonly #afterRuns: AfterRuns;

  constructor(private readonly services: ClusterServices) {
    this.#afterRuns = new AfterRuns(services.parts);
  }

  /** Once before anything starts: what stops every node is found here. @returns Which board it is, where it tells. */
  async prepare(
    signal: AbortSignal,
    { onFailure, offline = false }: Pick<RunOptions, 'onFailure' | 'offline'> = {},
  ): Promise<string | undefined> {
    if (this.#running.size > 0) return undefined;
    const { turns, guard, parts } = this.services;
    await parts.state.load();
    turns.reset(onFailure === 'keep going');
    guard.reset();
    return offline ? undefined : guard.check(signal);
  }

  /** Where nodes have their erasures approved; in a run of several boards they meet those of the others. */
  gate(meeting?: EraseMeeting): EraseGate {
    const { approve, config } = this.services.parts;
    return new EraseGate(approve, meeting, config.boardName);
  }

  /** This board as part of a run of some of its nodes. @throws PhaseError `NODE_NOT_CONFIGURED` */
  asPart(nodes: readonly NodeId[] | undefined): BoardOfRun & { readonly parts: RecordedRunParts } {
    const { parts, events } = this.services;
    const ids = [...new Set(nodes ?? NODE_IDS.filter((id) => parts.config.nodes.has(id)))];
    for (const id of ids) resolveNode(parts.config, id);
    return { parts: { ...parts, events }, nodes: ids };
  }

  /** Runs some nodes as part of a run that has begun, and that was prepared. @returns How each ended, in their order. */
  async runNodes(
    provision: Provision<unknown>,
    ids: readonly NodeId[],
    options: RunOptions,
    { stop, ...place }: PlaceInRun & { readonly stop: AbortController },
  ): Promise<readonly NodeSummary[]> {
    const { run, gate } = place;
    const signal = signalOfRun(run.signal, stop.signal);
    // One that is to wait for another run keeps nobody else from being asked about.
    const waiting = new Set(options.wait === true ? await this.#heldByOthers(ids, run) : []);
    // What another run of this program has is left to it: its place, its turn, its answers.
    const free = new Set(ids.filter((id) => !this.#isBusy(id)));
    for (const id of free) this.#places.set(id, place); // nothing comes between this and their end
    for (const id of ids) if (waiting.has(id) || !free.has(id)) void gate.release(id);
    const asked = { ...options, signal, ...(options.hooks && { hooks: oncePerNode(options.hooks) }) };
    return Promise.all(
      ids.map(async (id) => {
        if (!free.has(id)) return this.#observe(() => Promise.reject(this.#busy(id)), id, asked);
        try {
          const attempt = installedOnce(id, asked, (how) => this.#observe(provision, id, how));
          const summary = await withRetries(attempt, options.retry, signal);
          this.services.turns.end(id, summary.outcome === 'completed');
          if (options.onFailure === 'stop' && summary.outcome === 'failed')
            stop.abort(stoppedBy(resolveNode(this.services.parts.config, id)));
          return summary;
        } finally {
          this.#places.delete(id);
          await place.gate.release(id);
        }
      }),
    );
  }

  /** Ends nodes of a board that cannot be run, as it were all of them with the same error. */
  endNodes(
    ids: readonly NodeId[],
    error: unknown,
    { run, gate }: PlaceInRun,
  ): Promise<readonly NodeSummary[]> {
    const { events, parts } = this.services;
    const { signal } = run;
    const thrown = error instanceof Error ? error : new Error(String(error));
    return Promise.all(
      ids.map(async (id) => {
        await gate.release(id);
        const node = resolveNode(parts.config, id);
        events.emit(node, { type: 'node:started' });
        const summary = await this.#observe(() => Promise.reject(thrown), id, { signal });
        events.emit(node, endOfNode(summary, signal, parts.redactor));
        return summary;
      }),
    );
  }

  /** What plugins have said since it was asked. */
  takeRemarks(): readonly string[] {
    return this.#afterRuns.takeRemarks();
  }

  async #heldByOthers(ids: readonly NodeId[], run: RecordedRun): Promise<readonly NodeId[]> {
    const held: NodeId[] = [];
    for (const id of ids) {
      const node = resolveNode(this.services.parts.config, id);
      if (await isHeldByAnother(node, this.#waitOf(run))) held.push(id);
    }
    return held;
  }

  /** Whether a run of this program has a node. */
  #isBusy(id: NodeId): boolean {
    return this.#running.has(id) || this.#places.has(id);
  }

  #busy(id: NodeId): PhaseError {
    const { hostname } = resolveNode(this.services.parts.config, id);
    return new PhaseError('PHASE_ALREADY_RUNNING', `${hostname} is being provisioned already`, {
      hint: 'Await the first run before starting another one for the same node.',
    });
  }

  #waitOf({ id: runId, signal }: RecordedRun): NodeWait {
    const { parts, events } = this.services;
    const { config, state } = parts;
    const runs = new RunStore(runsDirectoryOf(config.cacheDir));
    return { state, events, runs, runId, board: config.ip, signal };
  }

  /** Runs a node, as part of the run that it belongs to, or as a run of its own. */
  async runNode(workflow: Workflow, nodeId: NodeId, options: RunOptions): Promise<NodeSummary> {
    const node = resolveNode(this.services.parts.config, nodeId);
    if (this.#running.has(nodeId)) throw this.#busy(nodeId);
    const place = this.#places.get(nodeId);
    if (place !== undefined) return this.#runInPlace(workflow, node, options, place);
    const part = this.asPart([nodeId]);
    const { nodes } = await asRecordedRun(part.parts, [part], options, async (run) => {
      await this.prepare(run.signal, options);
      return [await this.#runInPlace(workflow, node, options, { gate: this.gate(), run })];
    });
    const [summary] = nodes;
    if (summary === undefined) throw new TypeError('a run of one node ends with one summary');
    return summary;
  }

  async #runInPlace(
    workflow: Workflow,
    node: Node,
    given: RunOptions,
    { gate, run }: PlaceInRun,
  ): Promise<NodeSummary> {
    const { events, turns, parts } = this.services;
    const { id: nodeId } = node;
    const signal = signalOfRun(
      given.signal === undefined ? run.signal : AbortSignal.any([given.signal, run.signal]),
    );
    const options = { ...given, signal };
    if (this.#running.has(nodeId)) throw this.#busy(nodeId); // it was looked for before the run could begin
    if (this.#running.size === 0) this.#afterRuns.begin();
    this.#running.add(nodeId);
    let succeeded = false;
    try {
      events.emit(node, { type: 'node:started' });
      const { context, runner, hooks, erasure } = this.services.contextFor(node, options, gate, {
        id: run.id,
        isUnderWay: (id) => this.#isBusy(id),
      });
      const summary = await this.#observe(
        async () => {
          await this.#afterRuns.begun;
          await erasure.see(); // before any wait: what is asked for is about what is there now
          if (given.wait === true) await waitForNode(node, { ...this.#waitOf(run), signal });
          await workflow(context, node).catch((error: unknown) => {
            if (!isRangeEnd(error)) throw error;
          });
          if (runner.unproven !== undefined) throw notReachable(node, runner.unproven);
          if (new PhaseRange(options).includes('post_installation')) await hooks.settle();
          // The next one waits for its turn: it keeps its system until this one does its work again.
          else if (turns.has(nodeId)) await hooks.settleHealth();
        },
        nodeId,
        options,
      );
      succeeded = summary.outcome === 'completed';
      events.emit(node, endOfNode(summary, signal, parts.redactor));
      return summary;
    } finally {
      if (!this.#places.has(nodeId)) turns.end(nodeId, succeeded); // of a cluster's run, when it is not run again
      this.#running.delete(nodeId);
      if (this.#running.size === 0) await this.#afterRuns.end();
    }
  }

  /** A node's outcome as a summary, whatever function runs it. */
  async #observe(
    provision: Provision<unknown>,
    nodeId: NodeId,
    options: NodeRunOptions,
  ): Promise<NodeSummary> {
    const { signal } = options;
    const { config, now, redactor, logger } = this.services.parts;
    const tally = new PhaseTally(nodeId);
    const unsubscribe = this.services.events.subscribe(tally.listen);
    const startedAt = now();
    let error: unknown;
    let outcome: NodeSummary['outcome'] = 'completed';
    try {
      await provision(nodeId, options);
    } catch (thrown) {
      error = redactError(thrown, redactor);
      outcome = outcomeOf(thrown, signal);
      logOutcome(logger, { node: nodeId, outcome, err: error });
    } finally {
      unsubscribe();
    }
    const { hostname, board } = resolveNode(config, nodeId);
    const durationMs = now().getTime() - startedAt.getTime();
    const named = board === undefined ? {} : { board };
    return { nodeId, ...named, hostname, outcome, durationMs, phases: tally.summary, error };
  }
}
