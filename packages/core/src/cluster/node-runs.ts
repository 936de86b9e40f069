import { type NodeId, NODE_IDS } from '@turingpi/foundation';
import { EraseGate } from '../erasure/erase-gate.js';
import { PhaseError } from '../errors/phase-error.js';
import { redactError } from '../logging/redact-error.js';
import type { Node } from '../node/node.js';
import { isRangeEnd, PhaseRange } from '../phase/phase-range.js';
import { RecordedRun } from '../run/recorded-run.js';
import type { RunOutcome } from '../run/run-event.js';
import { runsDirectoryOf } from '../run/run-files.js';
import { RunStore } from '../run/run-store.js';
import { recordedImages } from '../state/recorded-images.js';
import type { ClusterServices } from './cluster-services.js';
import { type ClusterSummary, type NodeSummary, PhaseTally } from './cluster-summary.js';
import { installedOnce } from './installed-once.js';
import { oncePerNode } from './node-hooks.js';
import { endOfNode, notReachable, outcomeOf, outcomeOfRun, stoppedBy } from './node-outcome.js';
import { resolveNode } from './resolve-node.js';
import { withRetries } from './retry.js';
import { signalOfRun } from './signal-of-run.js';
import { isHeldByAnother, type NodeWait, waitForNode } from './wait-for-node.js';
import type { NodeRunOptions, Provision, RunOptions, Workflow } from './workflow.js';

/** What a node belongs to while it is run. */
interface PlaceInRun {
  /** Where its erasure is approved. */
  readonly gate: EraseGate;
  readonly run: RecordedRun;
}

/** Runs workflows for nodes, tells how they end, and sums it up. */
export class NodeRuns {
  readonly #running = new Set<NodeId>();
  /** What the nodes of a run under way belong to. */
  readonly #places = new Map<NodeId, PlaceInRun>();
  #startedAt = new Date();

  constructor(private readonly services: ClusterServices) {}

  /** Once before anything starts: what stops every node is found here. */
  async prepare(
    signal: AbortSignal,
    { onFailure, offline = false }: Pick<RunOptions, 'onFailure' | 'offline'> = {},
  ): Promise<void> {
    if (this.#running.size > 0) return;
    const { turns, guard, parts } = this.services;
    await parts.state.load();
    turns.reset(onFailure === 'keep going');
    guard.reset();
    if (!offline) await guard.check(signal);
  }

  /** Where a node that is run by itself has its erasure approved. */
  gate(): EraseGate {
    return new EraseGate(this.services.parts.approve);
  }

  async runAll(
    provision: Provision<unknown>,
    options: RunOptions & { readonly nodes?: readonly NodeId[] },
  ): Promise<ClusterSummary> {
    const { config, now } = this.services.parts;
    const startedAt = now();
    const ids = [...new Set(options.nodes ?? NODE_IDS.filter((id) => config.nodes.has(id)))];
    for (const id of ids) resolveNode(config, id);
    new PhaseRange(options); // an empty one is told before anything is looked at
    const { runId, result: nodes } = await this.#recorded(ids, options, async (run) => {
      const summaries = await this.#runNodes(provision, ids, options, run);
      return { result: summaries, nodes: summaries };
    });
    return {
      runId,
      nodes,
      durationMs: now().getTime() - startedAt.getTime(),
      completed: nodes.every(({ outcome }) => outcome === 'completed'),
    };
  }

  /** Runs nodes as one run, which is on file. */
  async #recorded<T>(
    ids: readonly NodeId[],
    options: RunOptions,
    work: (run: RecordedRun) => Promise<{ readonly result: T; readonly nodes: readonly NodeSummary[] }>,
  ): Promise<{ readonly runId: string; readonly result: T }> {
    const { parts, events } = this.services;
    const run = await RecordedRun.begin({ ...parts, events }, ids, options);
    let outcome: RunOutcome = 'failed';
    try {
      await this.prepare(run.signal, options);
      const { result, nodes } = await work(run);
      outcome = outcomeOfRun(nodes);
      return { runId: run.id, result };
    } catch (error) {
      if (run.signal.aborted) outcome = 'aborted';
      else run.note(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      await run.end(outcome);
    }
  }

  async #runNodes(
    provision: Provision<unknown>,
    ids: readonly NodeId[],
    options: RunOptions,
    run: RecordedRun,
  ): Promise<readonly NodeSummary[]> {
    const stop = new AbortController();
    const signal = signalOfRun(run.signal, stop.signal);
    const place = { gate: this.gate(), run };
    // One that is to wait for another run keeps nobody else from being asked about.
    const waiting = new Set(options.wait === true ? await this.#heldByOthers(ids, run) : []);
    // What another run of this program has is left to it: its place, its turn, its answers.
    const free = new Set(ids.filter((id) => !this.#isBusy(id)));
    for (const id of free) {
      if (!waiting.has(id)) place.gate.expect(id);
      this.#places.set(id, place); // nothing comes between this and their end
    }
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
    const { result } = await this.#recorded([nodeId], options, async (run) => {
      const own = { gate: this.gate(), run };
      const summary = await this.#runInPlace(workflow, node, options, own);
      return { result: summary, nodes: [summary] };
    });
    return result;
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
    if (this.#running.size === 0) this.#startedAt = new Date(); // not `now`: it is compared with times of files
    this.#running.add(nodeId);
    let succeeded = false;
    try {
      events.emit(node, { type: 'node:started' });
      const { context, runner, hooks } = this.services.contextFor(node, options, gate);
      const summary = await this.#observe(
        async () => {
          if (given.wait === true) await waitForNode(node, { ...this.#waitOf(run), signal });
          await workflow(context, node).catch((error: unknown) => {
            if (!isRangeEnd(error)) throw error;
          });
          if (runner.unproven !== undefined) throw notReachable(node, runner.unproven);
          if (new PhaseRange(options).includes('post_installation')) await hooks.settle();
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
      if (this.#running.size === 0) await this.#tellEnd();
    }
  }

  /** A node's outcome as a summary, whatever function runs it. */
  async #observe(
    provision: Provision<unknown>,
    nodeId: NodeId,
    options: NodeRunOptions,
  ): Promise<NodeSummary> {
    const { signal } = options;
    const { config, now, redactor } = this.services.parts;
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
    } finally {
      unsubscribe();
    }
    const { hostname } = resolveNode(config, nodeId);
    const durationMs = now().getTime() - startedAt.getTime();
    return { nodeId, hostname, outcome, durationMs, phases: tally.summary, error };
  }

  async #tellEnd(): Promise<void> {
    const { config, registry, logger, state, stateFile } = this.services.parts;
    const images = () => recordedImages(config.cacheDir, { state, stateFile });
    const run = { config, recordedImages: images, startedAt: this.#startedAt, logger };
    for (const afterRun of registry.afterRun) {
      try {
        await afterRun(run);
      } catch (error) {
        logger.warn({ err: error }, 'a plugin failed after the run');
      }
    }
  }
}
