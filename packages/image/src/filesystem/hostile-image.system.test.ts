import { describe, expect, it } from 'vitest';
import { canMount } from '../../../../fuzz/ext4/native-tools.js';
import { fuzzHostile, HOSTILE_VARIANTS } from '../../../../fuzz/image-hostile.js';
import { missingTools } from '../../../../fuzz/programs.js';

const missing = missingTools(['mke2fs', 'setfattr', 'setfacl', 'mkfs.vfat', 'fsck.vfat', 'mcopy']);
const skip = missing.length > 0 || !canMount();
const sequences = Number(process.env['HOSTILE_FUZZ_SEQUENCES'] ?? '4');
const seed = Number(process.env['HOSTILE_FUZZ_SEED'] ?? '1');
const variants = ['hostile-extents', 'hostile-indirect', 'hostile-inline', 'hostile-fat16', 'hostile-fat32'];

describe('damaged filesystems', () => {
  it.runIf(process.env['CI'] === 'true')('have what it needs to make them in CI', () => {
    expect(missing).toEqual([]);
  });

  it.skipIf(skip).each(HOSTILE_VARIANTS.filter((name) => variants.includes(name)))(
    'end soon, in bounded memory, well or with an error of our own: %s',
    async (name) => {
      await fuzzHostile({ sequences, seed, length: 12, variants: [name] });
    },
    60_000 * Math.max(1, sequences / 10),
  );
});
