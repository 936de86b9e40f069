import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FuzzOptions } from './fuzz-options.js';

/** What is compared: filesystems of several variants, each with a base that sequences of operations are applied to. */
export interface FuzzSubject<Variant extends { readonly name: string }, Base, Operation> {
  readonly variants: readonly Variant[];
  readonly makeBase: (variant: Variant, directory: string) => Base | Promise<Base>;
  readonly operationSequences: (length: number) => fc.Arbitrary<Operation[]>;
  readonly runDifferentially: (
    base: Base,
    directory: string,
    operations: readonly Operation[],
  ) => Promise<void>;
}

/** Tries random sequences on every variant that is asked for; rejects with the shortest one that fails. */
export async function fuzzVariants<Variant extends { readonly name: string }, Base, Operation>(
  subject: FuzzSubject<Variant, Base, Operation>,
  options: FuzzOptions,
): Promise<void> {
  const { sequences, length = 25, seed = 1, variants, stopAtFirstFailure = false, report } = options;
  for (const variant of subject.variants) {
    if (variants && !variants.includes(variant.name)) continue;
    const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
    try {
      const base = await subject.makeBase(variant, directory);
      const started = Date.now();
      await fc.assert(
        fc.asyncProperty(subject.operationSequences(length), (operations) =>
          subject.runDifferentially(base, directory, operations),
        ),
        { numRuns: sequences, seed, endOnFailure: stopAtFirstFailure },
      );
      report?.(`${variant.name}: ${sequences} sequences in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}
