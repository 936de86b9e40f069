import {
  EraseLedger,
  ledgerFileOf,
  type Logger,
  type NodeId,
  nodeName,
  type Secret,
} from '@turingpi/foundation';
import type { BoardGuard } from '../board/board-guard.js';
import { boardIdOf } from '../board/board-id.js';
import { type EraseApproval, isApproved } from '../erasure/erase-approval.js';
import { EraseGate } from '../erasure/erase-gate.js';
import { isKnownToNeighbours } from '../erasure/neighbouring-records.js';
import { type ErasureServices, NodeErasure } from '../erasure/node-erasure.js';
import { ReinstallTurns } from '../erasure/reinstall-turns.js';
import { EventBus } from '../event/event-bus.js';
import type { Node } from '../node/node.js';
import { PhaseRange } from '../phase/phase-range.js';
import { PhaseRunner } from '../phase/phase-runner.js';
import type { CustomizedImage, InstalledNode, PhaseName } from '../phase/phase.js';
import { assertPlanned } from '../plan/approved-plan.js';
import { PhasePlanner } from '../plan/phase-planner.js';
import { checkModule } from '../state/check-module.js';
import { generationsOf } from '../state/node-generations.js';
import { standingInstallation } from '../state/standing-installation.js';
import { ClusterArchive } from '../archive/cluster-archive.js';
import type { ClusterParts } from './cluster-parts.js';
import { type ClusterRecords, recordsOf } from './cluster-records.js';
import type { Context, StandingNode } from './context.js';
import { HooksOfNode } from './node-hooks.js';
import { resolveNode } from './resolve-node.js';
import type { NodeRunOptions } from './workflow.js';

/** The run that a node is part of. */
export interface RunOfNode {
  readonly id: string;
  /** Whether another node is part of a run of this process, and has not come to its end. */
  isUnderWay(id: NodeId): boolean;
}

/** What a store of the state calls the ledger of erasures; the file store has it where it was before it was asked for it. */
const LEDGER_OF_STATE = 'erasures';

/** What the runs of a cluster share, and what each node gets of it. */
export class ClusterServices {
  readonly events: EventBus;
  readonly guard: BoardGuard;
  readonly turns = new ReinstallTurns();
  readonly #own: ClusterRecords;
  readonly #ledger: EraseLedger;
  /** Secrets that were given as values, by what records call them: they are in no file, and gone with the process. */
  readonly #givenSecrets = new Map<string, Secret>();

  constructor(readonly parts: ClusterParts) {
    const { state, stateFile, registry, now, logger } = parts;
    this.events = new EventBus(logger, now);
    const ledgerFile = ledgerFileOf(stateFile.replace(/\.json$/, ''));
    this.#ledger = new EraseLedger(state.papers?.log(LEDGER_OF_STATE) ?? ledgerFile);
    this.#own = recordsOf(parts);
    this.guard = this.#own.guard;
    for (const listener of registry.eventListeners) this.events.subscribe(listener);
  }

  /** What is on record, for tools that look at it, check it, move it, or remove some of it. */
  get archive(): ClusterArchive {
    const { state, stateFile, project, now, config } = this.parts;
    const { cacheDir } = config;
    return new ClusterArchive({
      ...{ state, stateFile, project, cacheDir, now },
      secrets: this.#own.secrets,
      ledger: this.#ledger,
    });
  }

  /** A configured node with the installation that is on record; undefined when none stands. */
  async installedNode(id: NodeId): Promise<StandingNode | undefined> {
    const { config, state } = this.parts;
    if (!config.nodes.has(id)) return undefined;
    const record = standingInstallation((await state.load())[nodeName(id)]?.os_installation);
    if (record?.output === undefined) return undefined;
    const image = record.image?.output as unknown as CustomizedImage | undefined;
    const installed = record.output as unknown as InstalledNode;
    return { node: resolveNode(config, id), installed, ...(image !== undefined && { image }) };
  }

  erasureOf(node: Node, signal: AbortSignal, gate: EraseGate): NodeErasure {
    return this.#erasureOf(node, signal, { gate, turns: this.turns, ...this.#own });
  }

  contextFor(
    node: Node,
    options: NodeRunOptions,
    gate: EraseGate,
    run?: RunOfNode,
  ): {
    readonly context: Context;
    readonly runner: PhaseRunner;
    readonly hooks: HooksOfNode;
    readonly erasure: NodeErasure;
  } {
    const {
      signal,
      reinstall = [],
      offline = false,
      plan,
      command = 'program',
      rerun = plan !== undefined,
    } = options;
    const { config, redactor, now, state, scheduler } = this.parts;
    const logger = this.#loggerOf(node);
    const { events, guard } = this;
    const assertAsPlanned =
      plan && ((phase: PhaseName, hash: string) => assertPlanned(plan, node, phase, hash));
    const services = {
      ...{ state, events, redactor, now, guard, command },
      ...{ scheduler, boardAddress: config.ip },
      assertPlanned: assertAsPlanned,
    };
    const erasure = this.erasureOf(node, signal, gate);
    const runner = new PhaseRunner(services, node, signal, logger, erasure, {
      reinstall: reinstall.includes(node.id),
      offline,
      range: new PhaseRange(options),
      mayRepeat: rerun,
      runId: run?.id,
      beforeErase: () => hooks.beforeErase(),
      installationFacts: () => hooks.owed,
    });
    const context = this.#context(
      node,
      { signal, logger, ...this.#own },
      {
        planning: false,
        isUnderWay: (id) => run?.isUnderWay(id) === true,
        installedNode: (id) => this.installedNode(id),
        checkModule: async (found) => {
          await checkModule(state, node, found);
          runner.hasProvenItself();
        },
        runPhase: (step) => runner.run(step),
        runJournaledPhase: (step) => runner.runJournaled(step),
      },
    );
    const hooks = new HooksOfNode(options.hooks ?? {}, context, services);
    return { context, runner, hooks, erasure };
  }

  /**
   * What plans are made with: the records as they are, written to by nobody.
   *
   * @param keepsKey - the key by which digests of secrets are made is kept, as the first run would
   */
  async planning({ keepsKey }: { readonly keepsKey: boolean }): Promise<ClusterRecords> {
    if (keepsKey) await this.#own.secrets.digestKey();
    return recordsOf(this.parts, { unwritten: true });
  }

  /** As {@link contextFor}, for a workflow that is only asked what it would do. */
  planFor(
    node: Node,
    asked: NodePlanOptions,
    planning: ClusterRecords,
  ): { readonly context: Context; readonly planner: PhasePlanner } {
    const { signal, reinstall = [], offline = false, erase = 'none' } = asked;
    const { redactor, now } = this.parts;
    const { state, guard } = planning;
    const logger = this.#loggerOf(node);
    const isWanted = reinstall.includes(node.id);
    const gate = new EraseGate(
      (erasure) =>
        isWanted || ['new', 'interrupted'].includes(erasure.evidence) || isApproved(erase, erasure),
    );
    const erasure = this.#erasureOf(node, signal, { gate, turns: new ReinstallTurns(), ...planning });
    const services = { state, events: this.events, redactor, guard, now };
    const options = { reinstall: isWanted, offline, range: new PhaseRange(asked) };
    const planner = new PhasePlanner(services, node, signal, logger, erasure, options);
    const context = this.#context(
      node,
      { signal, logger, ...planning },
      {
        planning: true,
        isUnderWay: () => false,
        installedNode: async (id) => {
          const planned = id === node.id ? planner.installed : undefined;
          return planned === undefined ? this.installedNode(id) : { node, installed: planned };
        },
        checkModule: () => Promise.resolve(),
        runPhase: (step) => planner.run(step),
        runJournaledPhase: (step) => planner.runJournaled(step),
      },
    );
    return { context, planner };
  }

  #context(
    node: Node,
    { signal, logger, state, secrets }: ClusterRecords & Pick<Context, 'signal' | 'logger'>,
    lifecycle: Lifecycle,
  ): Context {
    const { config, registry, redactor, environment } = this.parts;
    return {
      ...{ node, signal, logger, environment, cacheDir: config.cacheDir },
      ...(state.papers === undefined ? {} : { papers: state.papers }),
      boardId: async () => {
        const { board } = await state.load();
        return board && boardIdOf(board);
      },
      generations: generationsOf(nodeName(node.id), secrets, state),
      credentials: {
        bmc: { username: config.bmc.username, password: config.bmc.password },
        ssh: config.ssh,
      },
      registerSecret: (secret, reference) => {
        redactor.add(secret);
        if (reference !== undefined) this.#givenSecrets.set(reference, secret);
      },
      givenSecret: (reference) => this.#givenSecrets.get(reference),
      service: (token) => registry.service(token),
      extensions: registry.extensions,
      ...lifecycle,
    };
  }

  #erasureOf(
    node: Node,
    signal: AbortSignal,
    { secrets, ...services }: ClusterRecords & Pick<ErasureServices, 'gate' | 'turns'>,
  ): NodeErasure {
    const { now, stateFile } = this.parts;
    const elsewhere = {
      wasInstalled: async () => (await secrets.marksOf(nodeName(node.id))).installed > 0,
      isKnownToNeighbours: (board: string | undefined) => isKnownToNeighbours(stateFile, node.id, board),
    };
    return new NodeErasure(node, { ...services, ledger: this.#ledger, elsewhere, now }, signal);
  }

  #loggerOf(node: Node): Logger {
    return this.parts.logger.child({ node: node.id, hostname: node.hostname });
  }
}

/** How one node is planned. */
export type NodePlanOptions = NodeRunOptions & { readonly erase?: EraseApproval };

/** What a workflow may do with its phases. */
type Lifecycle = Pick<
  Context,
  'planning' | 'isUnderWay' | 'installedNode' | 'checkModule' | 'runPhase' | 'runJournaledPhase'
>;
