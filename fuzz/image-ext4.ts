import { makeBase, runDifferentially } from './ext4/differential.js';
import { operationSequences } from './ext4/operation.js';
import { EXT4_VARIANTS } from './ext4/variants.js';
import type { FuzzOptions } from './fuzz-options.js';
import { fuzzVariants } from './fuzz-variants.js';

/**
 * Compares our ext4 driver with the kernel on random sequences of edits, for every variant.
 * Needs root, loop devices, e2fsprogs, attr and acl; rejects with the shortest failing sequence.
 */
export function fuzzExt4(options: FuzzOptions): Promise<void> {
  return fuzzVariants({ variants: EXT4_VARIANTS, makeBase, operationSequences, runDifferentially }, options);
}
