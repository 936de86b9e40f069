import { makeBase, runDifferentially } from './fat/differential.js';
import { operationSequences } from './fat/operation.js';
import { FAT_VARIANTS } from './fat/variants.js';
import type { FuzzOptions } from './fuzz-options.js';
import { fuzzVariants } from './fuzz-variants.js';

/**
 * Compares our FAT driver with mtools, fsck.vfat and a model on random sequences of edits, for every variant.
 * Needs dosfstools and mtools, not root; rejects with the shortest failing sequence.
 */
export function fuzzFat(options: FuzzOptions): Promise<void> {
  return fuzzVariants({ variants: FAT_VARIANTS, makeBase, operationSequences, runDifferentially }, options);
}
