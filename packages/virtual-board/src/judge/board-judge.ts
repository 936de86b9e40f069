import { appendFileSync } from 'node:fs';
import { LEDGER_VARIABLE, type NodeId } from '@turingpi/foundation';
import { currentActor, ON_THE_BOARD } from '../hardware/actor.js';
import { LedgerView } from './ledger-view.js';

/** What is found against the programs of a run is appended to the file that this variable names, one line each. */
export const FINDINGS_VARIABLE = 'TURINGPI_BOARD_FINDINGS';

/** By what a board judges its clients, when it is not left to the environment. */
export interface JudgeOptions {
  /** File of approved erasures and named nodes; default: the one in `TURINGPI_ERASE_LEDGER`, which our programs write. */
  readonly ledger?: string;
  /** File to which findings are appended. Default: none, whoever started the board looks at them. */
  readonly findings?: string;
}

/** Whose requests are not judged: other tools' accounts, or everyone's on a board that none of our programs uses. */
export type ForeignClients = 'everyone' | readonly string[];

/** Something that was done to a node and that nobody had allowed. */
export interface BoardFinding {
  readonly what: keyof typeof TEXTS;
  readonly node: NodeId;
  /** Account of whoever did it. */
  readonly client: string;
}

const TEXTS = {
  'power cut': 'lost its power, and nobody had named it',
  flash: 'began to be flashed without an approved erasure',
  write: 'had its disk written without an approved erasure',
} as const;

/**
 * Watches what is done to nodes in the name of our programs: nothing may be written to a disk without an approved erasure
 * of it, and no node may lose its power unless somebody has named it.
 *
 * @remarks
 * Everyone is ours who is not said to be foreign. An approval is used up by the flash that comes to its good end; until
 * then further attempts may lean on it. What the daemon does by itself, and the power that the way of a flash takes from
 * its own node, are not judged: the flash was.
 */
export class BoardJudge {
  readonly #findings: BoardFinding[] = [];
  readonly #used = new Map<NodeId, number>();
  readonly #ledger: LedgerView | undefined;

  /** @param boardIds - by what approvals name the board: `serial:…`, `mac:…`, `key:…` */
  constructor(
    private readonly boardIds: () => readonly string[],
    private readonly foreign: ForeignClients,
    private readonly options: JudgeOptions,
  ) {
    const { ledger } = options;
    if (ledger !== undefined && foreign !== 'everyone') this.#ledger = new LedgerView(ledger);
  }

  /** What was found so far. */
  get findings(): readonly BoardFinding[] {
    return this.#findings;
  }

  /** Somebody cuts the power of a node that is on. */
  powerCut(node: NodeId): void {
    if (currentActor().cause !== 'request') return;
    this.#judge('power cut', node, (ledger) => ledger.isNamed(node));
  }

  /** A flash brings its node up. */
  flashBegins(node: NodeId): void {
    this.#judge('flash', node, (ledger) => this.#isApproved(node, ledger));
  }

  /** The first bytes of a transfer reach a disk: of whichever node, that of the flash or not. */
  written(node: NodeId): void {
    this.#judge('write', node, (ledger) => this.#isApproved(node, ledger));
  }

  /** A flash has come to its good end. */
  flashed(node: NodeId): void {
    if (this.#isOurs() && this.#ledger) this.#used.set(node, this.#ledger.lastErasure(node, this.boardIds()));
  }

  #isApproved(node: NodeId, ledger: LedgerView): boolean {
    return ledger.lastErasure(node, this.boardIds()) > (this.#used.get(node) ?? 0);
  }

  #isOurs(): boolean {
    const { client, cause } = currentActor();
    return cause !== 'daemon' && client !== ON_THE_BOARD.client && !this.foreign.includes(client);
  }

  #judge(what: BoardFinding['what'], node: NodeId, allows: (ledger: LedgerView) => boolean): void {
    if (!this.#ledger || !this.#isOurs() || allows(this.#ledger)) return;
    const finding = { what, node, client: currentActor().client };
    this.#findings.push(finding);
    if (this.options.findings !== undefined)
      appendFileSync(this.options.findings, `${describeFinding(finding)}\n`);
  }
}

/** A finding as a sentence. */
export function describeFinding({ what, node, client }: BoardFinding): string {
  return `node ${node} of a virtual board ${TEXTS[what]}, by client ${client}`;
}

/** The judge that a board is given, or that the environment asks for. */
export function judgeFor(
  { judge, foreign = [] }: { readonly judge?: JudgeOptions; readonly foreign?: ForeignClients },
  boardIds: () => readonly string[],
): BoardJudge {
  const ledger = judge?.ledger ?? fromEnvironment(LEDGER_VARIABLE);
  const findings = judge ? judge.findings : fromEnvironment(FINDINGS_VARIABLE);
  return new BoardJudge(boardIds, foreign, {
    ...(ledger !== undefined && { ledger }),
    ...(findings !== undefined && { findings }),
  });
}

function fromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}
