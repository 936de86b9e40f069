import type { InputChange } from './input-change.js';
import type { NodeId } from '../node/node-id.js';

/**
 * What is known of a disk that is to be erased.
 *
 * @remarks
 * - `new`: no record of the node is anywhere, and nothing answers at its address. It is the user who says that it is
 *   new: silence alone proves nothing.
 * - `interrupted`: an installation of ours began to erase it and did not come to its end; what was there is gone.
 * - `unknown`: something answers there, or a record of it existed once, or it cannot be told.
 * - `installed`: a finished installation of ours is recorded, and the settings have changed since.
 */
export type DiskEvidence = 'new' | 'interrupted' | 'unknown' | 'installed';

/** One disk that is to be erased: what an approval is about. */
export interface Erasure {
  /** The board's identity; undefined while the board has not told it. */
  readonly board: string | undefined;
  readonly node: NodeId;
  readonly hostname: string;
  /** What the board is called, where a configuration has several. */
  readonly boardName?: string;
  /** Which disk of the node: `emmc`, or as its strategy names it; several are separated by a comma and a space. */
  readonly disk: string;
  /** SHA-256 over everything that decides what the disk will hold, hex. */
  readonly plan: string;
  readonly evidence: DiskEvidence;
  /** One sentence for people: what is lost. */
  readonly loss: string;
  /** The settings that differ from those of the recorded installation. */
  readonly changes: readonly InputChange[];
}
