import path from 'node:path';
import {
  EraseLedger,
  ledgerFileOf,
  type Logger,
  type NodeId,
  nodeName,
  type Secret,
} from '@turingpi/foundation';
import { BoardGuard } from '../board/board-guard.js';
import { type BoardId, boardIdOf } from '../board/board-id.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import { BOARD_IDENTIFICATION } from '../di/tokens.js';
import type { EraseApproval } from '../erasure/erase-approval.js';
import type { EraseGate } from '../erasure/erase-gate.js';
import { isKnownToNeighbours } from '../erasure/neighbouring-records.js';
import { NodeErasure } from '../erasure/node-erasure.js';
import { ReinstallTurns } from '../erasure/reinstall-turns.js';
import { EventBus } from '../event/event-bus.js';
import type { Redactor } from '../logging/redactor.js';
import type { Node } from '../node/node.js';
import { PhaseRange } from '../phase/phase-range.js';
import { PhaseRunner } from '../phase/phase-runner.js';
import { capacityOf } from '../schedule/capacities.js';
import { Scheduler } from '../schedule/scheduler.js';
import type { InstalledNode } from '../phase/phase.js';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { checkModule } from '../state/check-module.js';
import { generationsOf } from '../state/node-generations.js';
import { nodeSecretsFileOf, NodeSecretsStore } from '../state/node-secrets.js';
import { standingInstallation } from '../state/standing-installation.js';
import type { StateStore } from '../state/state-store.js';
import type { Context } from './context.js';
import { HooksOfNode } from './node-hooks.js';
import { resolveNode } from './resolve-node.js';
import type { NodeRunOptions } from './workflow.js';

/** What a cluster is made of. */
export interface ClusterParts {
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
  /** Where the records are. */
  readonly state: StateStore;
  /** Where the state file of the configuration is, or would be: secrets and the ledger of erasures are beside it. */
  readonly stateFile: string;
}

/** How long the board may take to say who it is, in milliseconds; longer, and it counts as not reachable. */
const IDENTIFY_MS = 10_000;

/** What the runs of a cluster share, and what each node gets of it. */
export class ClusterServices {
  readonly events: EventBus;
  readonly guard: BoardGuard;
  readonly turns = new ReinstallTurns();
  readonly #secrets: NodeSecretsStore;
  readonly #ledger: EraseLedger;
  readonly #scheduler = new Scheduler(capacityOf);
  /** Secrets that were given as values, by what records call them: they are in no file, and gone with the process. */
  readonly #givenSecrets = new Map<string, Secret>();

  constructor(readonly parts: ClusterParts) {
    const { config, state, stateFile, registry, project, now, logger } = parts;
    this.events = new EventBus(logger, now);
    this.#secrets = new NodeSecretsStore(nodeSecretsFileOf(stateFile), {
      earlierKeyFile: path.join(config.cacheDir, 'credentials.key'),
    });
    this.#ledger = new EraseLedger(ledgerFileOf(stateFile.replace(/\.json$/, '')));
    this.guard = new BoardGuard({ state, ask: identification(registry), project, now, logger });
    for (const listener of registry.eventListeners) this.events.subscribe(listener);
  }

  /** A configured node with the installation that is on record; undefined when none stands. */
  async installedNode(
    id: NodeId,
  ): Promise<{ readonly node: Node; readonly installed: InstalledNode } | undefined> {
    const { config, state } = this.parts;
    if (!config.nodes.has(id)) return undefined;
    const record = standingInstallation((await state.load())[nodeName(id)]?.os_installation);
    if (record?.output === undefined) return undefined;
    return { node: resolveNode(config, id), installed: record.output as unknown as InstalledNode };
  }

  erasureOf(node: Node, signal: AbortSignal, gate: EraseGate): NodeErasure {
    const { state, now, stateFile } = this.parts;
    const services = { state, ledger: this.#ledger, guard: this.guard, turns: this.turns };
    const elsewhere = {
      wasInstalled: async () => (await this.#secrets.marksOf(nodeName(node.id))).installed > 0,
      isKnownToNeighbours: (board: string | undefined) => isKnownToNeighbours(stateFile, node.id, board),
    };
    return new NodeErasure(node, { ...services, elsewhere, gate, now }, signal);
  }

  contextFor(
    node: Node,
    options: NodeRunOptions,
    gate: EraseGate,
  ): { readonly context: Context; readonly runner: PhaseRunner; readonly hooks: HooksOfNode } {
    const { signal, reinstall = [], offline = false } = options;
    const { config, registry, redactor, now, environment, state } = this.parts;
    const logger = this.parts.logger.child({ node: node.id, hostname: node.hostname });
    const { events, guard } = this;
    const resources = { scheduler: this.#scheduler, boardAddress: config.ip };
    const services = { state, events, redactor, ...resources, now, guard };
    const runner = new PhaseRunner(services, node, signal, logger, this.erasureOf(node, signal, gate), {
      reinstall: reinstall.includes(node.id),
      offline,
      range: new PhaseRange(options),
      beforeErase: () => hooks.beforeErase(),
      installationFacts: () => hooks.owed,
    });
    const context: Context = {
      node,
      signal,
      logger,
      environment,
      cacheDir: config.cacheDir,
      boardId: async () => {
        const { board } = await state.load();
        return board && boardIdOf(board);
      },
      generations: generationsOf(nodeName(node.id), this.#secrets, state),
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
        await checkModule(state, node, found);
        runner.hasProvenItself();
      },
      service: (token) => registry.service(token),
      extensions: registry.extensions,
      runPhase: (step) => runner.run(step),
      runJournaledPhase: (step) => runner.runJournaled(step),
    };
    const hooks = new HooksOfNode(options.hooks ?? {}, context, services);
    return { context, runner, hooks };
  }
}

/** How the board is asked who it is; undefined where nobody can. */
function identification(registry: PluginRegistry): ((signal: AbortSignal) => Promise<BoardId>) | undefined {
  if (!registry.has(BOARD_IDENTIFICATION)) return undefined;
  const identification = registry.service(BOARD_IDENTIFICATION);
  if (!identification.canTell) return undefined;
  return (signal) => identification.identify(AbortSignal.any([signal, AbortSignal.timeout(IDENTIFY_MS)]));
}
