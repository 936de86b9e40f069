import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import type { ClusterConfig } from '../config/cluster-config.js';
import { BOARD_IDENTIFICATION } from '../di/tokens.js';
import { BoardGuard } from '../board/board-guard.js';
import { type BoardId, boardIdOf } from '../board/board-id.js';
import type { EraseApproval } from '../erasure/erase-approval.js';
import { EraseGate } from '../erasure/erase-gate.js';
import {
  type ErasePermit,
  EraseLedger,
  ledgerFileOf,
  type Logger,
  NODE_IDS,
  type NodeId,
  nodeName,
  Mutex,
  type Secret,
} from '@turingpi/foundation';

import { isKnownToNeighbours } from '../erasure/neighbouring-records.js';
import { NodeErasure } from '../erasure/node-erasure.js';
import { ReinstallTurns } from '../erasure/reinstall-turns.js';
import { isBlocked } from '../errors/is-blocked.js';
import { IdentityError } from '../errors/identity-error.js';
import { PhaseError } from '../errors/phase-error.js';
import { EventBus } from '../event/event-bus.js';
import type { EventListener } from '../event/event.js';
import { redactError } from '../logging/redact-error.js';
import type { Redactor } from '../logging/redactor.js';

import type { ClaimTimings } from '../phase/claim-watch.js';
import { describeFailure } from '../phase/describe-failure.js';

import { PhaseRunner } from '../phase/phase-runner.js';
import { type InstalledNode, PHASES, type PhaseName } from '../phase/phase.js';
import type { AdoptedNode } from '../phase/adopted-node.js';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { adoptedRecord } from '../state/adopted-record.js';
import { FileStateStore } from '../state/file-state-store.js';
import { generationsOf } from '../state/node-generations.js';
import { nodeSecretsFileOf, NodeSecretsStore } from '../state/node-secrets.js';
import { standingInstallation } from '../state/standing-installation.js';
import { pendingPhases, type PhaseRecord } from '../state/state-document.js';
import { type ClusterSummary, type NodeSummary, PhaseTally } from './cluster-summary.js';
import type { Context } from './context.js';
import { checkModule } from '../state/check-module.js';
import { resolveNode } from './resolve-node.js';
import type { Node } from '../node/node.js';

/** The user's function for one node. What it returns is handed to who runs it. */
export type Workflow<T = void> = (context: Context, node: Node) => Promise<T>;

export interface RunOptions {
  /** Stops at the next safe point when it fires. */
  readonly signal?: AbortSignal;
  /** Nodes to be installed anew, whatever is on record. Each erasure still needs its approval. */
  readonly reinstall?: readonly NodeId[];
  /** Do not ask finished nodes whether what is on record still holds. */
  readonly offline?: boolean;
}

/** Runs a workflow for one node; returns what it returns, throws what it throws. */
export type Provision<T = void> = (nodeId: NodeId, options?: RunOptions) => Promise<T>;

export interface TuringPiParts {
  readonly config: ClusterConfig;
  readonly registry: PluginRegistry;
  readonly discovery: PluginDiscovery;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly now: () => Date;
  /** For secrets that builders are given as `{ env: NAME }`. */
  readonly environment: Context['environment'];
  /** Who may erase what. */
  readonly approve: EraseApproval;
  /** Tells this project from others of the same user. */
  readonly project: string;
  readonly claims?: ClaimTimings | undefined;
  /** Plugins that have a life of their own. */
  readonly started: AsyncDisposable;
}

/**
 * One board with its nodes: what `createTuringPi` returns.
 *
 * @remarks Disposed, it ends what its plugins have started; a run under way is stopped by its `signal`, not by this.
 */
export class TuringPi implements AsyncDisposable {
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
  readonly #guard: BoardGuard;
  readonly #ledger: EraseLedger;
  readonly #turns = new ReinstallTurns();
  /** Where the nodes of a run under way have their erasures approved. */
  readonly #gates = new Map<NodeId, EraseGate>();
  /** Secrets that were given as values, by what records call them: they are in no file, and gone with the process. */
  readonly #givenSecrets = new Map<string, Secret>();
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
    this.#ledger = new EraseLedger(ledgerFileOf(withoutEnding(this.stateFile)));
    this.#guard = new BoardGuard({
      state: this.#state,
      ask: identification(parts.registry),
      project: parts.project,
      now: parts.now,
      logger: parts.logger,
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
  run<T>(workflow: Workflow<T>): Provision<T> {
    return async (nodeId, options = {}) => {
      let returned: T | undefined;
      const summary = await this.#runNode(
        async (context, node) => {
          returned = await workflow(context, node);
        },
        nodeId,
        { ...options, signal: signalOfRun(options.signal) },
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
  async runAll(
    provision: Provision<unknown>,
    options: RunOptions & { readonly nodes?: readonly NodeId[] } = {},
  ): Promise<ClusterSummary> {
    const startedAt = this.#parts.now();
    const ids = [...new Set(options.nodes ?? NODE_IDS.filter((id) => this.config.nodes.has(id)))];
    for (const id of ids) resolveNode(this.config, id);
    const signal = signalOfRun(options.signal);
    await this.#prepare(signal);
    const gate = new EraseGate(this.#parts.approve);
    for (const id of ids) {
      gate.expect(id);
      this.#gates.set(id, gate);
    }
    const run = { ...options, signal };
    const nodes = await Promise.all(
      ids.map(async (id) => {
        try {
          return await this.#observe(provision, id, run);
        } finally {
          this.#gates.delete(id);
          await gate.release(id);
        }
      }),
    );
    return {
      nodes,
      durationMs: this.#parts.now().getTime() - startedAt.getTime(),
      completed: nodes.every(({ outcome }) => outcome === 'completed'),
    };
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
    await this.#prepare(signal);
    const erasure = this.#erasureOf(node, signal, new EraseGate(this.#parts.approve));
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
    const node = resolveNode(this.config, nodeId);
    const signal = signalOfRun(options.signal);
    const setAside = await this.#state.setAside();
    const { context } = this.#contextFor(node, { signal }, new EraseGate('none'));
    const adopted = await ask(context);
    await this.#guard.rebind(signal);
    await this.#state.update((state) => {
      const at = this.#parts.now().toISOString();
      const name = nodeName(nodeId);
      const known = state[name];
      // What was done to this very installation stays done.
      const same = known?.os_installation?.installation_id === adopted.installed.installationId;
      const phases = { ...pendingPhases(at), ...(same ? known : {}) };
      return { ...state, [name]: { ...phases, os_installation: adoptedRecord(adopted, at) } };
    });
    return { node: adopted, setAside };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.started[Symbol.asyncDispose]();
  }

  #erasureOf(node: Node, signal: AbortSignal, gate: EraseGate): NodeErasure {
    const services = { state: this.#state, ledger: this.#ledger, guard: this.#guard, turns: this.#turns };
    const elsewhere = {
      wasInstalled: async () => (await this.#secrets.marksOf(nodeName(node.id))).installed > 0,
      isKnownToNeighbours: (board: string | undefined) => isKnownToNeighbours(this.stateFile, node.id, board),
    };
    return new NodeErasure(node, { ...services, elsewhere, gate, now: this.#parts.now }, signal);
  }

  /** Once before anything starts: what stops every node is found here. */
  async #prepare(signal: AbortSignal): Promise<void> {
    if (this.#running.size > 0) return;
    await this.#state.read();
    this.#turns.reset();
    this.#guard.reset();
    await this.#guard.check(signal);
  }

  /** A configured node with the installation that is on record; undefined when none stands. */
  async installedNode(
    id: NodeId,
  ): Promise<{ readonly node: Node; readonly installed: InstalledNode } | undefined> {
    if (!this.config.nodes.has(id)) return undefined;
    const record = standingInstallation((await this.#state.read())[nodeName(id)]?.os_installation);
    if (record?.output === undefined) return undefined;
    return { node: resolveNode(this.config, id), installed: record.output as unknown as InstalledNode };
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
  async #observe(
    provision: Provision<unknown>,
    nodeId: NodeId,
    options: NodeRunOptions,
  ): Promise<NodeSummary> {
    const { signal } = options;
    const tally = new PhaseTally(nodeId);
    const unsubscribe = this.subscribe(tally.listen);
    const startedAt = this.#parts.now();
    let error: unknown;
    let outcome: NodeSummary['outcome'] = 'completed';
    try {
      await provision(nodeId, options);
    } catch (thrown) {
      error = redactError(thrown, this.#parts.redactor);
      outcome = outcomeOf(thrown, signal);
    } finally {
      unsubscribe();
    }
    const { hostname } = resolveNode(this.config, nodeId);
    const durationMs = this.#parts.now().getTime() - startedAt.getTime();
    return { nodeId, hostname, outcome, durationMs, phases: tally.summary, error };
  }

  async #runNode(workflow: Workflow, nodeId: NodeId, options: NodeRunOptions): Promise<NodeSummary> {
    const { signal } = options;
    const node = resolveNode(this.config, nodeId);
    if (this.#running.has(nodeId))
      throw new PhaseError('PHASE_ALREADY_RUNNING', `${node.hostname} is being provisioned already`, {
        hint: 'Await the first run before starting another one for the same node.',
      });
    if (this.#running.size === 0) this.#startedAt = new Date(); // not `now`: it is compared with times of files
    const gate = this.#gates.get(nodeId);
    if (gate === undefined) await this.#prepare(signal);
    this.#running.add(nodeId);
    this.#events.emit(node, { type: 'node:started' });
    let succeeded = false;
    try {
      const { context, runner } = this.#contextFor(node, options, gate ?? new EraseGate(this.#parts.approve));
      const summary = await this.#observe(
        async () => {
          await workflow(context, node);
          if (runner.unproven !== undefined) throw notReachable(node, runner.unproven);
        },
        nodeId,
        options,
      );
      succeeded = summary.outcome === 'completed';
      this.#tellOutcome(node, summary, signal);
      return summary;
    } finally {
      this.#turns.end(nodeId, succeeded);
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
        type: summary.outcome === 'failed' ? 'node:failed' : 'node:blocked',
        durationMs,
        ...describeFailure(summary.error, signal, this.#parts.redactor),
      });
  }

  #contextFor(
    node: Node,
    { signal, reinstall = [], offline = false }: NodeRunOptions,
    gate: EraseGate,
  ): { readonly context: Context; readonly runner: PhaseRunner } {
    const { config, registry, redactor, now, claims, environment } = this.#parts;
    const logger = this.#parts.logger.child({ node: node.id, hostname: node.hostname });
    const services = {
      state: this.#state,
      events: this.#events,
      redactor,
      customization: this.#customization,
      instance: this.#instance,
      now,
      guard: this.#guard,
      claims,
    };
    const erasure = this.#erasureOf(node, signal, gate);
    const runner = new PhaseRunner(services, node, signal, logger, erasure, {
      reinstall: reinstall.includes(node.id),
      offline,
    });
    const context: Context = {
      node,
      signal,
      logger,
      environment,
      cacheDir: config.cacheDir,
      boardId: async () => {
        const { board } = await this.#state.read();
        return board && boardIdOf(board);
      },
      generations: generationsOf(nodeName(node.id), this.#secrets, this.#state),
      credentials: {
        bmc: { username: config.bmc.username, password: config.bmc.password },
        ssh: config.ssh,
      },
      registerSecret: (secret, reference) => {
        redactor.add(secret);
        if (reference !== undefined) this.#givenSecrets.set(reference, secret);
      },
      givenSecret: (reference) => this.#givenSecrets.get(reference),
      installedNode: (id) => this.installedNode(id),
      checkModule: async (found) => {
        await checkModule(this.#state, node, found);
        runner.hasProvenItself();
      },
      service: (token) => registry.service(token),
      extensions: registry.extensions,
      runPhase: (step) => runner.run(step),
      runJournaledPhase: (step) => runner.runJournaled(step),
    };
    return { context, runner };
  }
}

/** How one node is run. */
type NodeRunOptions = RunOptions & { readonly signal: AbortSignal };

/** How long the board may take to say who it is, in milliseconds; longer, and it counts as not reachable. */
const IDENTIFY_MS = 10_000;

/** How the board is asked who it is; undefined where nobody can. */
function identification(registry: PluginRegistry): ((signal: AbortSignal) => Promise<BoardId>) | undefined {
  if (!registry.has(BOARD_IDENTIFICATION)) return undefined;
  const identification = registry.service(BOARD_IDENTIFICATION);
  if (!identification.canTell) return undefined;
  return (signal) => identification.identify(AbortSignal.any([signal, AbortSignal.timeout(IDENTIFY_MS)]));
}

function outcomeOf(error: unknown, signal: AbortSignal): NodeSummary['outcome'] {
  if (signal.aborted) return 'aborted';
  if (isBlocked(error)) return error.code === 'NODE_NOT_REACHABLE' ? 'unreachable' : 'blocked';
  return 'failed';
}

function notReachable(node: Node, why: string): IdentityError {
  return new IdentityError('NODE_NOT_REACHABLE', `${node.hostname} (node ${node.id}) is ${why}`, {
    hint: 'Its record stands, and nothing was changed. Is it switched on? `turingpi power` tells; --offline does not ask.',
    details: { node: node.id },
  });
}

function withoutEnding(file: string): string {
  return file.replace(/\.json$/, '');
}

/** A signal of this run alone: any number of waits may listen to it, whatever limit the caller's one has. */
function signalOfRun(signal: AbortSignal | undefined): AbortSignal {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
}
