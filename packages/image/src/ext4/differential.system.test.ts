import { describe, expect, it } from 'vitest';
import { fuzzExt4 } from '../../../../fuzz/image-ext4.js';
import { canMount } from '../../../../fuzz/ext4/native-tools.js';
import { missingTools } from '../../../../fuzz/programs.js';
import { EXT4_VARIANTS } from '../../../../fuzz/ext4/variants.js';

const missing = missingTools(['mke2fs', 'e2fsck', 'setfattr', 'setfacl', 'getfattr']);
const skip = missing.length > 0 || !canMount();
const sequences = Number(process.env['EXT4_FUZZ_SEQUENCES'] ?? '2');
const seed = Number(process.env['EXT4_FUZZ_SEED'] ?? '1');
const only = process.env['EXT4_FUZZ_VARIANTS']?.split(',');
/** Few by default: the others' turn comes with `npm run fuzz -- image`. */
const variants = only ?? ['modern', 'inline-data', '1k', 'ext3'];

describe('ext4 driver against the kernel', () => {
  it.runIf(process.env['CI'] === 'true')('has what it needs to run in CI', () => {
    expect(missing).toEqual([]);
  });

  it.skipIf(skip).each(EXT4_VARIANTS.filter(({ name }) => variants.includes(name) || variants[0] === 'all'))(
    'does the same on $name',
    async ({ name }) => {
      await fuzzExt4({ sequences, seed, variants: [name] });
    },
    60_000 * Math.max(1, sequences / 10),
  );
});
