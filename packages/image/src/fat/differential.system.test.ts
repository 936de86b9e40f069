import { describe, expect, it } from 'vitest';
import { FAT_VARIANTS } from '../../../../fuzz/fat/variants.js';
import { fuzzFat } from '../../../../fuzz/image-fat.js';
import { missingTools } from '../../../../fuzz/programs.js';

const missing = missingTools(['mkfs.vfat', 'fsck.vfat', 'mcopy', 'mmd', 'mdel', 'mmove', 'cp']);
const sequences = Number(process.env['FAT_FUZZ_SEQUENCES'] ?? '2');
const seed = Number(process.env['FAT_FUZZ_SEED'] ?? '1');
const only = process.env['FAT_FUZZ_VARIANTS']?.split(',');
/** Few by default: the others' turn comes with `npm run fuzz -- image`. */
const variants = only ?? ['cidata', 'fat12', 'fat16', 'fat32'];

describe('FAT driver against mtools and a model', () => {
  it.runIf(process.env['CI'] === 'true')('has what it needs to run in CI', () => {
    expect(missing).toEqual([]);
  });

  it
    .skipIf(missing.length > 0)
    .each(FAT_VARIANTS.filter(({ name }) => variants.includes(name) || variants[0] === 'all'))(
    'does the same on $name',
    async ({ name }) => {
      await fuzzFat({ sequences, seed, variants: [name] });
    },
    60_000 * Math.max(1, sequences / 10),
  );
});
