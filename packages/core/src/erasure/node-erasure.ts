import {
  ErasureError,
  nodeArgument,
  nodeName,
  type InputChange,
  type EraseLedger,
  createPermit,
  eraseHint,
  type ErasePermit,
  type DiskEvidence,
  type Erasure,
} from '@turingpi/foundation';
import type { BoardGuard } from '../board/board-guard.js';
import type { Node } from '../node/node.js';

import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { standingInstallation } from '../state/standing-installation.js';
import { answersAt } from './answers-at.js';
import { asksForMore } from './asks-for-more.js';
import type { EraseGate } from './erase-gate.js';

import { tellsOfErasure } from './neighbouring-records.js';

import type { ReinstallTurns } from './reinstall-turns.js';
import { voidRecords } from './void-records.js';

/** Who answers at a node's address. */
export type Answerer = 'ours' | 'other' | 'nobody';

/** What the erasures of one run share. */
export interface ErasureServices {
  readonly state: StateStore;
  readonly gate: EraseGate;
  readonly ledger: EraseLedger;
  readonly guard: BoardGuard;
  readonly turns: ReinstallTurns;
  readonly now: () => Date;
  /** What tells of an installation besides the records and the ledger, which may have been lost. */
  readonly elsewhere: {
    /** Whether the secrets of the state file's nodes belong to an installation of this node. */
    readonly wasInstalled: () => Promise<boolean>;
    /** Whether other state files in the same directory tell of one on this board. */
    readonly isKnownToNeighbours: (board: string | undefined) => Promise<boolean>;
  };
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
    const { hostname, config, id, board: boardName } = this.node;
    if (config.protect === true)
      return new ErasureError(
        'ERASE_NOT_APPROVED',
        `${hostname} (node ${id}) is protected: its disk is not erased`,
        {
          hint: `Remove \`protect: true\` of node${id} from the configuration if it may be.`,
          details: { node: id },
        },
      );
    const { erasure, wanted = false } = this.#asked ?? {};
    const evidence = erasure?.evidence ?? 'unknown';
    if (erasure && evidence === 'installed' && !wanted) return needsReinstall(erasure);
    return new ErasureError(
      'ERASE_NOT_APPROVED',
      `installing ${hostname} (node ${id}) erases its disk, which was not approved${erasure === undefined ? '' : `: ${erasure.loss}`}`,
      {
        hint: eraseHint({ node: id, ...(boardName === undefined ? {} : { boardName }), evidence }),
        details: { node: id, evidence },
      },
    );
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
    const evidence = wish.evidence ?? (await this.#evidence(record, board, wish));
    const { id: node, hostname, board: boardName } = this.node;
    const { disk, plan, changes } = wish;
    const loss = lossOf(evidence, record);
    const named = boardName === undefined ? {} : { boardName };
    return { record, erasure: { board, node, hostname, ...named, disk, plan, evidence, loss, changes } };
  }

  async #evidence(
    record: PhaseRecord | undefined,
    board: string | undefined,
    { whoAnswers }: ErasureWish,
  ): Promise<DiskEvidence> {
    if (standingInstallation(record) !== undefined) return 'installed';
    if (record?.erased === true && record.voided === undefined)
      return (await whoAnswers?.()) === 'other' ? 'unknown' : 'interrupted';
    if (record?.voided !== undefined) return 'unknown';
    // It was erased by us once, and its record is lost, or is another project's.
    const { ledger, elsewhere } = this.services;
    if (await tellsOfErasure(ledger, this.node.id, board)) return 'unknown';
    if (await elsewhere.wasInstalled()) return 'unknown';
    if (await elsewhere.isKnownToNeighbours(board)) return 'unknown';
    if (!this.services.gate.looksAtEvidence) return 'unknown';
    const { ipAddress, config } = this.node;
    // Nobody but who goes the same way can tell.
    if (whoAnswers === undefined && config.ssh?.jump !== undefined) return 'unknown';
    const answers = whoAnswers
      ? (await whoAnswers()) !== 'nobody'
      : await answersAt(
          {
            host: config.ssh?.host ?? ipAddress,
            port: config.ssh?.port ?? 22,
            forwarded: config.ssh?.host !== undefined,
          },
          this.signal,
        );
    return answers ? 'unknown' : 'new';
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

/** The finished installation of a node differs from what is asked for. */
function needsReinstall({ hostname, node, boardName, changes }: Erasure): ErasureError {
  const list = changes
    .filter(({ takesEffect }) => takesEffect !== 'in place')
    .map(({ name, before, after }) => `${name}: ${before} → ${after}`)
    .join('; ');
  const isLeft = changes.some(({ takesEffect }) => takesEffect === 'in place');
  const rest = isLeft
    ? ' What could be applied in place waits until nothing else needs a reinstallation.'
    : '';
  return new ErasureError(
    'NEEDS_REINSTALL',
    `${hostname} (node ${node}) needs to be reinstalled for what changed${list === '' ? '' : `: ${list}`}`,
    {
      hint: `Its system is left as it is. \`turingpi reinstall ${nodeArgument(node, boardName)}\` erases its disk and installs it anew.${rest}`,
      details: { node, changes: changes.map((change) => ({ ...change })) },
    },
  );
}

function lossOf(evidence: DiskEvidence, record: PhaseRecord | undefined): string {
  switch (evidence) {
    case 'new':
      return 'nothing is known of it, and nothing answers at its address; what is on its disk is lost';
    case 'interrupted':
      return 'an installation that did not come to its end had begun to erase it';
    case 'installed':
      return `its system, installed ${record?.timestamp ?? 'earlier'}, and all data on it are lost`;
    case 'unknown':
      return record?.voided === undefined
        ? 'there may be a system on it, which would be lost'
        : `${record.voided}; what is on it is lost`;
  }
}
