import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { makeBase, runDifferentially } from './fat/differential.js';
import { operationSequences } from './fat/operation.js';
import { FAT_VARIANTS } from './fat/variants.js';
import { type FuzzOptions } from './fuzz-options.js';

/**
 * Compares our FAT driver with mtools, fsck.vfat and a model on random sequences of edits, for every variant.
 * Needs dosfstools and mtools, not root; rejects with the shortest failing sequence.
 */
export async function fuzzFat(options: FuzzOptions): Promise<void> {
  const { sequences, length = 25, seed = 1, variants, stopAtFirstFailure = false, report } = options;
  const directory = mkdtempSync(join(tmpdir(), 'fat-fuzz-'));
  try {
    for (const variant of FAT_VARIANTS) {
      if (variants && !variants.includes(variant.name)) continue;
      const base = await makeBase(variant, directory);
      const started = Date.now();
      await fc.assert(
        fc.asyncProperty(operationSequences(length), (operations) =>
          runDifferentially(base, directory, operations),
        ),
        { numRuns: sequences, seed, endOnFailure: stopAtFirstFailure },
      );
      report?.(`${variant.name}: ${sequences} sequences in ${((Date.now() - started) / 1000).toFixed(1)} s`);
      rmSync(base.image.path);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
