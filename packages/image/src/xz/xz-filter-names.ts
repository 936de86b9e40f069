import { LZMA2 } from './lzma2.js';
import type { XzFilter } from './xz-block-header.js';

/** Filters by their identifiers (specification 5.3). */
const NAMES: Readonly<Record<number, string>> = {
  0x03: 'Delta',
  0x04: 'BCJ x86',
  0x05: 'BCJ PowerPC',
  0x06: 'BCJ IA-64',
  0x07: 'BCJ ARM',
  0x08: 'BCJ ARM-Thumb',
  0x09: 'BCJ SPARC',
  0x0a: 'BCJ ARM64',
  0x0b: 'BCJ RISC-V',
};

/** What the filters of a block besides LZMA2 are called. */
export function filterNames(filters: readonly XzFilter[]): string[] {
  return filters.flatMap(({ id }) => (id === LZMA2 ? [] : [NAMES[id] ?? `0x${id.toString(16)}`]));
}
