import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { makeBase, runDifferentially } from './ext4/differential.js';
import { operationSequences } from './ext4/operation.js';
import { EXT4_VARIANTS } from './ext4/variants.js';
import { type FuzzOptions } from './fuzz-options.js';

/**
 * Compares our ext4 driver with the kernel on random sequences of edits, for every variant.
 * Needs root, loop devices, e2fsprogs, attr and acl; rejects with the shortest failing sequence.
 */
export async function fuzzExt4(options: FuzzOptions): Promise<void> {
  const { sequences, length = 25, seed = 1, variants, stopAtFirstFailure = false, report } = options;
  const directory = mkdtempSync(join(tmpdir(), 'ext4-fuzz-'));
  try {
    for (const variant of EXT4_VARIANTS) {
      if (variants && !variants.includes(variant.name)) continue;
      const base = makeBase(variant, directory);
      const started = Date.now();
      await fc.assert(
        fc.asyncProperty(operationSequences(length), (operations) =>
          runDifferentially(base, directory, operations),
        ),
        { numRuns: sequences, seed, endOnFailure: stopAtFirstFailure },
      );
      report?.(`${variant.name}: ${sequences} sequences in ${((Date.now() - started) / 1000).toFixed(1)} s`);
      rmSync(base.path);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
