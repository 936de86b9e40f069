import { type NodeId, NODE_IDS, TuringPiError } from '@turingpi/foundation';
import { EraseGate } from '../erasure/erase-gate.js';
import { IdentityError } from '../errors/identity-error.js';
import { isBlocked } from '../errors/is-blocked.js';
import { PhaseError } from '../errors/phase-error.js';
import { redactError } from '../logging/redact-error.js';
import type { Node } from '../node/node.js';
import { PhaseRange } from '../phase/phase-range.js';
import { describeFailure } from '../phase/describe-failure.js';
import { recordedImages } from '../state/recorded-images.js';
import type { ClusterServices } from './cluster-services.js';
import { type ClusterSummary, type NodeSummary, PhaseTally } from './cluster-summary.js';
import { oncePerNode } from './node-hooks.js';
import { resolveNode } from './resolve-node.js';
import { withRetries } from './retry.js';
import { signalOfRun } from './signal-of-run.js';
import type { NodeRunOptions, Provision, RunOptions, Workflow } from './workflow.js';

/** Runs workflows for nodes, tells how they end, and sums it up. */
export class NodeRuns {
  readonly #running = new Set<NodeId>();
  /** Where the nodes of a run under way have their erasures approved. */
  readonly #gates = new Map<NodeId, EraseGate>();
  #startedAt = new Date();

  constructor(private readonly services: ClusterServices) {}

  /** Once before anything starts: what stops every node is found here. */
  async prepare(signal: AbortSignal, { onFailure }: Pick<RunOptions, 'onFailure'> = {}): Promise<void> {
    if (this.#running.size > 0) return;
    const { turns, guard, parts } = this.services;
    await parts.state.load();
    turns.reset(onFailure === 'keep going');
    guard.reset();
    await guard.check(signal);
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
    const stop = new AbortController();
    const signal = signalOfRun(options.signal, stop.signal);
    await this.prepare(signal, options);
    const gate = this.gate();
    for (const id of ids) {
      gate.expect(id);
      this.#gates.set(id, gate);
    }
    const run = { ...options, signal, ...(options.hooks && { hooks: oncePerNode(options.hooks) }) };
    const nodes = await Promise.all(
      ids.map(async (id) => {
        try {
          const summary = await withRetries(() => this.#observe(provision, id, run), options.retry, signal);
          this.services.turns.end(id, summary.outcome === 'completed');
          if (options.onFailure === 'stop' && summary.outcome === 'failed')
            stop.abort(stoppedBy(resolveNode(config, id)));
          return summary;
        } finally {
          this.#gates.delete(id);
          await gate.release(id);
        }
      }),
    );
    return {
      nodes,
      durationMs: now().getTime() - startedAt.getTime(),
      completed: nodes.every(({ outcome }) => outcome === 'completed'),
    };
  }

  async runNode(workflow: Workflow, nodeId: NodeId, options: NodeRunOptions): Promise<NodeSummary> {
    const { signal } = options;
    const { parts, events, turns } = this.services;
    const node = resolveNode(parts.config, nodeId);
    if (this.#running.has(nodeId))
      throw new PhaseError('PHASE_ALREADY_RUNNING', `${node.hostname} is being provisioned already`, {
        hint: 'Await the first run before starting another one for the same node.',
      });
    if (this.#running.size === 0) this.#startedAt = new Date(); // not `now`: it is compared with times of files
    const gate = this.#gates.get(nodeId);
    if (gate === undefined) await this.prepare(signal, options);
    this.#running.add(nodeId);
    events.emit(node, { type: 'node:started' });
    let succeeded = false;
    try {
      const { context, runner, hooks } = this.services.contextFor(node, options, gate ?? this.gate());
      const summary = await this.#observe(
        async () => {
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
      this.#tellOutcome(node, summary, signal);
      return summary;
    } finally {
      if (gate === undefined) turns.end(nodeId, succeeded); // of a cluster's run, when it is not run again
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

  #tellOutcome(node: Node, summary: NodeSummary, signal: AbortSignal): void {
    const { durationMs } = summary;
    const { events, parts } = this.services;
    if (summary.outcome === 'completed') events.emit(node, { type: 'node:completed', durationMs });
    else if (summary.outcome === 'aborted') events.emit(node, { type: 'node:aborted', durationMs });
    else
      events.emit(node, {
        type: summary.outcome === 'failed' ? 'node:failed' : 'node:blocked',
        durationMs,
        ...describeFailure(summary.error, signal, parts.redactor),
      });
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): NodeSummary['outcome'] {
  if (signal.aborted) return 'aborted';
  if (isBlocked(error)) return error.code === 'NODE_NOT_REACHABLE' ? 'unreachable' : 'blocked';
  return 'failed';
}

function isRangeEnd(error: unknown): boolean {
  return TuringPiError.is(error) && error.code === 'PHASE_NOT_WANTED';
}

function stoppedBy({ hostname, id }: Node): PhaseError {
  return new PhaseError(
    'RUN_STOPPED',
    `${hostname} (node ${id}) failed, and the run stops at the first failure`,
    {
      hint: 'Look at that node; the next run goes on where this one was stopped.',
      details: { failed: id },
    },
  );
}

function notReachable(node: Node, why: string): IdentityError {
  return new IdentityError('NODE_NOT_REACHABLE', `${node.hostname} (node ${node.id}) is ${why}`, {
    hint: 'Its record stands, and nothing was changed. Is it switched on? `turingpi power` tells; --offline does not ask.',
    details: { node: node.id },
  });
}
