import type { DiskRange } from '../disk/overlay-disk.js';

/**
 * Orders ranges and joins those that overlap, touch, or have less than `gapBytes` between them.
 *
 * @param gapBytes - default 0
 */
export function joinRanges(ranges: readonly DiskRange[], gapBytes = 0): DiskRange[] {
  const joined: { offset: number; length: number }[] = [];
  for (const { offset, length } of [...ranges].sort((a, b) => a.offset - b.offset)) {
    if (length === 0) continue;
    const last = joined.at(-1);
    if (last && offset <= last.offset + last.length + gapBytes)
      last.length = Math.max(last.length, offset + length - last.offset);
    else joined.push({ offset, length });
  }
  return joined;
}

/** Widens ranges to multiples of `unitBytes`, not beyond `endBytes`, and joins what then touches. */
export function alignRanges(ranges: readonly DiskRange[], unitBytes: number, endBytes: number): DiskRange[] {
  const aligned = ranges.map(({ offset, length }) => {
    const start = Math.floor(offset / unitBytes) * unitBytes;
    const end = Math.min(endBytes, Math.ceil((offset + length) / unitBytes) * unitBytes);
    return { offset: start, length: end - start };
  });
  return joinRanges(aligned);
}

/** What of ordered ranges lies inside a window. */
export function clipRanges(ranges: readonly DiskRange[], window: DiskRange): DiskRange[] {
  const end = window.offset + window.length;
  return ranges.flatMap(({ offset, length }) => {
    const from = Math.max(offset, window.offset);
    const to = Math.min(offset + length, end);
    return to > from ? [{ offset: from, length: to - from }] : [];
  });
}

/** What lies between ordered ranges that do not overlap, from 0 to `endBytes`. */
export function gapsBetween(ranges: readonly DiskRange[], endBytes: number): DiskRange[] {
  const gaps: DiskRange[] = [];
  let position = 0;
  for (const { offset, length } of ranges) {
    if (offset > position) gaps.push({ offset: position, length: offset - position });
    position = Math.max(position, offset + length);
  }
  if (endBytes > position) gaps.push({ offset: position, length: endBytes - position });
  return gaps;
}
