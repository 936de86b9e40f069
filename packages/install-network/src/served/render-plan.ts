import type { DiskRange } from '@turingpi/image';

/** A parcel as a plan names it; see `ImageParcel`. */
export interface PlannedParcel {
  readonly encoding: 'xz' | 'raw';
  readonly transferBytes: number;
  /** SHA-256 of what travels, hex. */
  readonly sha256: string;
  readonly range: DiskRange;
  readonly used: readonly DiskRange[];
}

/** Sizes of blocks, the largest first that fits: few and large writes are quick. */
const BLOCK_SIZES = [65_536, 4096, 512, 1];

/**
 * Renders what a node is to do, in lines that a shell reads word by word:
 *
 * ```text
 * turingpi-plan 1
 * parcel ENCODING BYTES SHA256         the next parcel, counted from 0
 * place BLOCK SKIP SEEK COUNT          blocks of it that are written: from where, to where, how many
 * last                                 what follows is written when all before it is on the disk
 * end
 * ```
 *
 * @param first - parcels in any order
 * @param last - parcels that make the disk bootable
 */
export function renderPlan(first: readonly PlannedParcel[], last: readonly PlannedParcel[]): string {
  const lines = ['turingpi-plan 1'];
  for (const parcel of first) lines.push(...linesOf(parcel));
  lines.push('last');
  for (const parcel of last) lines.push(...linesOf(parcel));
  lines.push('end', '');
  return lines.join('\n');
}

/** What a node is told instead of a plan. @param why - one line */
export function renderRefusal(why: string): string {
  return `refused ${why.replace(/\s+/g, ' ')}\nend\n`;
}

function linesOf({ encoding, transferBytes, sha256, range, used }: PlannedParcel): string[] {
  return [
    `parcel ${encoding} ${transferBytes} ${sha256}`,
    ...used.flatMap(({ offset, length }) => placesOf(offset - range.offset, offset, length)),
  ];
}

function placesOf(from: number, to: number, length: number): string[] {
  if (length === 0) return [];
  const block = BLOCK_SIZES.find((size) => from % size === 0 && to % size === 0 && length >= size) ?? 1;
  const count = Math.floor(length / block);
  const done = count * block;
  return [
    `place ${block} ${from / block} ${to / block} ${count}`,
    ...placesOf(from + done, to + done, length - done),
  ];
}
