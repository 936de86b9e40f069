import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import type { ClusterConfig } from '../config/cluster-config.js';
import { PhaseError } from '../errors/phase-error.js';
import { EventBus } from '../event/event-bus.js';
import type { EventListener } from '../event/event.js';
import type { Logger } from '../logging/logger.js';
import type { Redactor } from '../logging/redactor.js';
import { NODE_IDS, type NodeId, nodeName } from '../node/node-id.js';
import { describeFailure } from '../phase/describe-failure.js';
import { Mutex } from '../phase/mutex.js';
import { PhaseRunner } from '../phase/phase-runner.js';
import { PHASES, type PhaseName } from '../phase/phase.js';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { FileStateStore } from '../state/file-state-store.js';
import { generationsOf } from '../state/node-generations.js';
import { nodeSecretsFileOf, NodeSecretsStore } from '../state/node-secrets.js';
import { pendingPhases, type PhaseRecord } from '../state/state-document.js';
import { type ClusterSummary, type NodeSummary, PhaseTally } from './cluster-summary.js';
import type { Context } from './context.js';
import { resolveNode } from './resolve-node.js';
import type { Node } from '../node/node.js';

/** The user's function for one node. */
export type Workflow = (context: Context, node: Node) => Promise<void>;

export interface RunOptions {
  /** Stops at the next safe point when it fires. */
  readonly signal?: AbortSignal;
}

/** Runs a workflow for one node; throws what it throws. */
export type Provision = (nodeId: NodeId, options?: RunOptions) => Promise<void>;

export interface TuringPiParts {
  readonly config: ClusterConfig;
  readonly registry: PluginRegistry;
  readonly discovery: PluginDiscovery;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly now: () => Date;
}

/** One board with its nodes: what `createTuringPi` returns. */
export class TuringPi {
  readonly config: ClusterConfig;
  /** The plugins found, and the broken ones that nobody named. */
  readonly plugins: PluginDiscovery;
  readonly registry: PluginRegistry;
  readonly #parts: TuringPiParts;
  readonly #events: EventBus;
  readonly #state: FileStateStore;
  readonly #secrets: NodeSecretsStore;
  readonly #customization = new Mutex();
  readonly #instance = randomUUID();
  readonly #running = new Set<NodeId>();
  #startedAt = new Date();

  constructor(parts: TuringPiParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.plugins = parts.discovery;
    this.registry = parts.registry;
    this.#events = new EventBus(parts.logger, parts.now);
    this.#state = new FileStateStore(path.join(parts.config.cacheDir, parts.config.stateFileName), parts.now);
    this.#secrets = new NodeSecretsStore(nodeSecretsFileOf(this.#state.location), {
      earlierKeyFile: path.join(parts.config.cacheDir, 'credentials.key'),
    });
    for (const listener of parts.registry.eventListeners) this.#events.subscribe(listener);
  }

  /** Where the state of this cluster is kept. */
  get stateFile(): string {
    return this.#state.location;
  }

  /** Tells a listener everything that happens from now on. @returns Ends the subscription when called. */
  subscribe(listener: EventListener): () => void {
    return this.#events.subscribe(listener);
  }

  /** Makes a workflow runnable for single nodes. */
  run(workflow: Workflow): Provision {
    return async (nodeId, options = {}) => {
      const summary = await this.#runNode(workflow, nodeId, signalOfRun(options.signal));
      if (summary.outcome !== 'completed') throw summary.error;
    };
  }

  /**
   * Runs a workflow for every configured node (or for some): images are made one at a time, a board flashes one node
   * at a time, everything else overlaps. One node's failure does not stop the others.
   */
  async runAll(
    provision: Provision,
    options: RunOptions & { readonly nodes?: readonly NodeId[] } = {},
  ): Promise<ClusterSummary> {
    const startedAt = this.#parts.now();
    const ids = [...new Set(options.nodes ?? NODE_IDS.filter((id) => this.config.nodes.has(id)))];
    for (const id of ids) resolveNode(this.config, id);
    const signal = signalOfRun(options.signal);
    const nodes = await Promise.all(ids.map((id) => this.#observe(provision, id, signal)));
    return {
      nodes,
      durationMs: this.#parts.now().getTime() - startedAt.getTime(),
      completed: nodes.every(({ outcome }) => outcome === 'completed'),
    };
  }

  /** What the state file says of every configured node. */
  async status(): Promise<ReadonlyMap<NodeId, Readonly<Record<PhaseName, PhaseRecord>>>> {
    const state = await this.#state.read();
    return new Map(
      [...this.config.nodes.keys()].map((id) => {
        const record = state[nodeName(id)];
        const pending = pendingPhases('');
        const phases = PHASES.map((phase) => [phase, record?.[phase] ?? pending[phase]]);
        return [id, Object.fromEntries(phases) as Record<PhaseName, PhaseRecord>];
      }),
    );
  }

  /** A node's outcome as a summary, whatever function runs it. */
  async #observe(provision: Provision, nodeId: NodeId, signal: AbortSignal): Promise<NodeSummary> {
    const tally = new PhaseTally(nodeId);
    const unsubscribe = this.subscribe(tally.listen);
    const startedAt = this.#parts.now();
    let error: unknown;
    let outcome: NodeSummary['outcome'] = 'completed';
    try {
      await provision(nodeId, { signal });
    } catch (thrown) {
      error = thrown;
      outcome = signal.aborted ? 'aborted' : 'failed';
    } finally {
      unsubscribe();
    }
    const { hostname } = resolveNode(this.config, nodeId);
    const durationMs = this.#parts.now().getTime() - startedAt.getTime();
    return { nodeId, hostname, outcome, durationMs, phases: tally.summary, error };
  }

  async #runNode(workflow: Workflow, nodeId: NodeId, signal: AbortSignal): Promise<NodeSummary> {
    const node = resolveNode(this.config, nodeId);
    if (this.#running.has(nodeId))
      throw new PhaseError('PHASE_ALREADY_RUNNING', `${node.hostname} is being provisioned already`, {
        hint: 'Await the first run before starting another one for the same node.',
      });
    if (this.#running.size === 0) this.#startedAt = new Date(); // not `now`: it is compared with times of files
    this.#running.add(nodeId);
    this.#events.emit(node, { type: 'node:started' });
    try {
      const summary = await this.#observe(
        async () => workflow(this.#contextFor(node, signal), node),
        nodeId,
        signal,
      );
      this.#tellOutcome(node, summary, signal);
      return summary;
    } finally {
      this.#running.delete(nodeId);
      if (this.#running.size === 0) await this.#tellEnd();
    }
  }

  async #tellEnd(): Promise<void> {
    const { config, registry, logger } = this.#parts;
    const run = { config, stateFile: this.stateFile, startedAt: this.#startedAt, logger };
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
    if (summary.outcome === 'completed') this.#events.emit(node, { type: 'node:completed', durationMs });
    else if (summary.outcome === 'aborted') this.#events.emit(node, { type: 'node:aborted', durationMs });
    else
      this.#events.emit(node, {
        type: 'node:failed',
        durationMs,
        ...describeFailure(summary.error, signal, this.#parts.redactor),
      });
  }

  #contextFor(node: Node, signal: AbortSignal): Context {
    const { config, registry, redactor, now } = this.#parts;
    const logger = this.#parts.logger.child({ node: node.id, hostname: node.hostname });
    const services = {
      state: this.#state,
      events: this.#events,
      redactor,
      customization: this.#customization,
      instance: this.#instance,
      now,
    };
    const runner = new PhaseRunner(services, node, signal, logger);
    return {
      node,
      signal,
      logger,
      cacheDir: config.cacheDir,
      generations: generationsOf(nodeName(node.id), this.#secrets, this.#state),
      credentials: {
        bmc: { username: config.bmc.username, password: config.bmc.password },
        ssh: config.ssh,
      },
      registerSecret: (secret) => redactor.add(secret),
      os: (id) => registry.os(id),
      get board() {
        return registry.board(node.config.board);
      },
      runPhase: (step) => runner.run(step),
      runJournaledPhase: (step) => runner.runJournaled(step),
    };
  }
}

/** A signal of this run alone: any number of waits may listen to it, whatever limit the caller's one has. */
function signalOfRun(signal: AbortSignal | undefined): AbortSignal {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
}
