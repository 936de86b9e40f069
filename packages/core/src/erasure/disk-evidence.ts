import type { DiskEvidence, EraseLedger } from '@turingpi/foundation';
import type { Node } from '../node/node.js';
import { standingInstallation } from '../state/standing-installation.js';
import type { PhaseRecord } from '../state/state-document.js';
import { answersAt } from './answers-at.js';
import { tellsOfErasure } from './neighbouring-records.js';

/** Who answers at a node's address. */
export type Answerer = 'ours' | 'other' | 'nobody';

/** What tells of an installation besides its record, which may have been lost. */
export interface EvidenceSources {
  readonly ledger: EraseLedger;
  readonly elsewhere: {
    /** Whether the secrets of the state file's nodes belong to an installation of this node. */
    readonly wasInstalled: () => Promise<boolean>;
    /** Whether other state files in the same directory tell of one on this board. */
    readonly isKnownToNeighbours: (board: string | undefined) => Promise<boolean>;
  };
}

/** The disk that evidence is looked for of. */
export interface ExaminedDisk {
  readonly node: Node;
  /** What is on record of its installation. */
  readonly record: PhaseRecord | undefined;
  /** Which board answers, where it tells. */
  readonly board: string | undefined;
  /** Asks who answers by its key; undefined: whether anything answers is looked at. */
  readonly whoAnswers: (() => Promise<Answerer>) | undefined;
  /** Whether a node of which nothing is known may be called new: then it is asked whether it answers. */
  readonly looks: boolean;
}

/** What is known of a disk before it is erased. Lack of evidence is `unknown`, and never `new` by itself. */
export async function evidenceOf(
  { node, record, board, whoAnswers, looks }: ExaminedDisk,
  { ledger, elsewhere }: EvidenceSources,
  signal: AbortSignal,
): Promise<DiskEvidence> {
  if (standingInstallation(record) !== undefined) return 'installed';
  if (record?.erased === true && record.voided === undefined)
    return (await whoAnswers?.()) === 'other' ? 'unknown' : 'interrupted';
  if (record?.voided !== undefined) return 'unknown';
  // It was erased by us once, and its record is lost, or is another project's.
  if (await tellsOfErasure(ledger, node.id, board)) return 'unknown';
  if (await elsewhere.wasInstalled()) return 'unknown';
  if (await elsewhere.isKnownToNeighbours(board)) return 'unknown';
  if (!looks) return 'unknown';
  const { ipAddress, config } = node;
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
        signal,
      );
  return answers ? 'unknown' : 'new';
}

/** What an erasure loses, for people. */
export function lossOf(evidence: DiskEvidence, record: PhaseRecord | undefined): string {
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
