import { createHash } from 'node:crypto';

/** The same numbers from 0 to 1 for the same seed, on every machine. */
export function seeded(seed: string): () => number {
  let count = 0;
  return () => {
    const digest = createHash('sha256')
      .update(`${seed} ${(count += 1)}`)
      .digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
}
