import type { Segment } from './block-run.js';

export function testBit(bitmap: Buffer, index: number): boolean {
  return ((bitmap[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

/** Sets or clears `count` bits from `start` on. */
export function fillBits(bitmap: Buffer, start: number, count: number, value: boolean): void {
  let index = start;
  const end = start + count;
  while (index < end) {
    if ((index & 7) === 0 && end - index >= 8) {
      const bytes = (end - index) >>> 3;
      bitmap.fill(value ? 0xff : 0, index >>> 3, (index >>> 3) + bytes);
      index += bytes * 8;
      continue;
    }
    const byte = bitmap[index >>> 3] ?? 0;
    const mask = 1 << (index & 7);
    bitmap[index >>> 3] = value ? byte | mask : byte & ~mask;
    index++;
  }
}

/** Tells whether all of `count` bits from `start` on have the value. */
export function bitsAre(bitmap: Buffer, start: number, count: number, value: boolean): boolean {
  const whole = value ? 0xff : 0;
  let index = start;
  const end = start + count;
  while (index < end) {
    if ((index & 7) === 0 && end - index >= 8 && bitmap[index >>> 3] === whole) index += 8;
    else if (testBit(bitmap, index) === value) index++;
    else return false;
  }
  return true;
}

/** The next run of clear bits at or after `from`, ending before `end`. */
export function nextClearRun(bitmap: Buffer, from: number, end: number): Segment | undefined {
  let start = from;
  while (start < end) {
    if ((start & 7) === 0 && bitmap[start >>> 3] === 0xff) start += 8;
    else if (testBit(bitmap, start)) start++;
    else break;
  }
  if (start >= end) return undefined;
  let stop = start + 1;
  while (stop < end) {
    if ((stop & 7) === 0 && bitmap[stop >>> 3] === 0) stop += 8;
    else if (!testBit(bitmap, stop)) stop++;
    else break;
  }
  return { start, count: Math.min(stop, end) - start };
}

/** Number of clear bits among the first `length`. */
export function countClear(bitmap: Buffer, length: number): number {
  let clear = 0;
  for (
    let run = nextClearRun(bitmap, 0, length);
    run;
    run = nextClearRun(bitmap, run.start + run.count, length)
  )
    clear += run.count;
  return clear;
}
