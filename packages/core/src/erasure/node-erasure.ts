import {
  createPermit,
  type DiskEvidence,
  type ErasePermit,
  type Erasure,
  ErasureError,
  type InputChange,
  nodeArgument,
  nodeName,
} from '@turingpi/foundation';
import type { BoardGuard } from '../board/board-guard.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { standingInstallation } from '../state/standing-installation.js';
import { asksForMore } from './asks-for-more.js';
import { type Answerer, evidenceOf, type EvidenceSources, lossOf } from './disk-evidence.js';
import type { EraseGate } from './erase-gate.js';
import { erasureRefused } from './erasure-refused.js';
import type { ReinstallTurns } from './reinstall-turns.js';
import { voidRecords } from './void-records.js';

/** What the erasures of one run share. */
export interface ErasureServices extends EvidenceSources {
  readonly state: StateStore;
  readonly gate: EraseGate;
  readonly guard: BoardGuard;
  readonly turns: ReinstallTurns;
  readonly now: () => Date;
}

/** What is to be put onto a disk. */
export interface ErasureWish {
  readonly disk: string;
  readonly plan: string;
  readonly changes: readonly InputChange[];
  /** Whether the user asked for just this erasure: then a refusal does not advise it. */
  readonly wanted?: boolean;
  /** For an erasure that is no installation of a workflow: what the record says afterwards. */
  readonly why?: string;
  /** Asks who answers by its key; default: whether anything answers. */
  readonly whoAnswers?: () => Promise<Answerer>;
  /** What was found of the node already; default: looked for. */
  readonly evidence?: DiskEvidence;
}

/** The approval of what one run erases on one node. */
export class NodeErasure {
  #permit: ErasePermit | undefined;
  #check: () => Promise<void> = () => Promise.resolve();
  /** What was asked and answered. */
  #asked: { readonly erasure: Erasure; readonly approved: boolean; readonly wanted: boolean } | undefined;
  /** The finished installation that it was asked about. */
  #installation: PhaseRecord | undefined;

  constructor(
    private readonly node: Node,
    private readonly services: ErasureServices,
    private readonly signal: AbortSignal,
  ) {}

  /** The permit of this run, once it was given. */
  get permit(): ErasePermit | undefined {
    return this.#permit;
  }

  /** Whether it is approved that this finished installation is erased, and not another one that was there before. */
  isApprovedFor({ installation_id: id }: PhaseRecord): boolean {
    return this.#permit !== undefined && this.#installation?.installation_id === id;
  }

  /** What is asked for, and whether it was approved; undefined before anything was asked. */
  get asked(): { readonly erasure: Erasure; readonly approved: boolean } | undefined {
    return this.#asked;
  }

  /** What is asked once more directly before something is erased: it throws where that must not be any more. */
  onlyAfter(check: () => Promise<void>): void {
    this.#check = check;
  }

  /** Takes the installation that is on record for the one that this run is about, unless it has one from an earlier attempt. */
  async see(): Promise<void> {
    if (!this.services.gate.installations.has(this.node.id)) await this.hasInstalled();
  }

  /** The installation that is on record now is this run's own. */
  async hasInstalled(): Promise<void> {
    const standing = standingInstallation(await this.#record());
    this.services.gate.installations.set(this.node.id, standing?.installation_id);
  }

  /** Tells that the node will not need to be erased in this run. */
  release(): Promise<void> {
    return this.services.gate.release(this.node.id);
  }

  /**
   * Asks whether the node may be erased for what is wished, on the evidence of this moment. Asked again for the same,
   * the answer is the one that was given, unless more has become known against it.
   *
   * @returns Undefined when it may not.
   * @throws IdentityError when it is not the board that the records are about; ErasureError `REINSTALL_STOPPED`,
   * `ERASE_OUTDATED` where another run has installed the node since.
   */
  async approve(wish: ErasureWish): Promise<ErasePermit | undefined> {
    const { erasure, record } = await this.#erasure(wish);
    this.#assertKnown(record);
    const asked = this.#asked;
    if (asked === undefined || asksForMore(erasure, asked.erasure)) {
      const isProtected = this.node.config.protect === true;
      if (isProtected) await this.release();
      const approved = !isProtected && (await this.services.gate.request(erasure, this.signal));
      this.#installation = standingInstallation(record);
      this.#asked = { erasure, approved, wanted: wish.wanted === true || wish.why !== undefined };
      this.#permit = approved
        ? createPermit(erasure, (board) => this.#begin(erasure, board, wish.why))
        : undefined;
    }
    if (this.#permit !== undefined && erasure.evidence === 'installed' && wish.why === undefined)
      await this.services.turns.take(this.node.id, this.signal);
    return this.#permit;
  }

  /** The error of an erasure that was refused. */
  refusal(): ErasureError {
    return erasureRefused(this.node, this.#asked);
  }

  async #record(): Promise<PhaseRecord | undefined> {
    return (await this.services.state.load())[nodeName(this.node.id)]?.os_installation;
  }

  /** What stands on the node must be what stood when this run began, or first asked: no approval is about a later one. */
  #assertKnown(record: PhaseRecord | undefined): void {
    const standing = standingInstallation(record);
    const { hostname, id, board } = this.node;
    const { installations } = this.services.gate;
    if (!installations.has(id)) installations.set(id, standing?.installation_id);
    if (standing === undefined || standing.installation_id === installations.get(id)) return;
    throw new ErasureError(
      'ERASE_OUTDATED',
      `${hostname} (node ${id}) was installed by another run at ${standing.timestamp}, while this one waited: it is not erased`,
      {
        hint:
          `What was approved was about what was there before. \`turingpi plan --node ${nodeArgument(id, board)}\` shows what is left to do; ` +
          'where this installation is to be erased as well, ask for it again.',
        details: { node: id },
      },
    );
  }

  async #erasure(
    wish: ErasureWish,
  ): Promise<{ readonly erasure: Erasure; readonly record: PhaseRecord | undefined }> {
    const { guard } = this.services;
    const board = await guard.check(this.signal);
    const record = await this.#record();
    const evidence = wish.evidence ?? (await this.#evidence(record, board, wish.whoAnswers));
    const { id: node, hostname, board: boardName } = this.node;
    const { disk, plan, changes } = wish;
    const loss = lossOf(evidence, record);
    const named = boardName === undefined ? {} : { boardName };
    return { record, erasure: { board, node, hostname, ...named, disk, plan, evidence, loss, changes } };
  }

  #evidence(
    record: PhaseRecord | undefined,
    board: string | undefined,
    whoAnswers: ErasureWish['whoAnswers'],
  ): Promise<DiskEvidence> {
    const { services, node, signal } = this;
    const looks = services.gate.looksAtEvidence;
    return evidenceOf({ node, record, board, whoAnswers, looks }, services, signal);
  }

  async #begin(erasure: Erasure, board: string | undefined, why: string | undefined): Promise<void> {
    const { node, disk, plan, evidence } = erasure;
    const { state, ledger, now, guard } = this.services;
    guard.reset(); // what was asked before a wait does not count after it
    const found = await guard.check(this.signal);
    if (erasure.board !== undefined && found !== undefined && found !== erasure.board) throw this.refusal();
    await this.#check();
    this.#assertKnown(await this.#record());
    await ledger.append({ at: now().toISOString(), board: board ?? found, node, disk, plan, evidence });
    await state.amend(nodeName(node), (phases) => voidRecords(phases, now().toISOString(), why));
  }
}
