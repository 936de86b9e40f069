import fc from 'fast-check';
import { emptyDirectory, fillDirectory } from '../directory-operations.js';

/** One edit of a FAT filesystem. */
export type Operation =
  | {
      readonly kind: 'write' | 'write-stream';
      readonly path: string;
      readonly size: number;
      readonly seed: number;
      readonly mtime?: Date;
    }
  | {
      readonly kind: 'append' | 'append-stream';
      readonly path: string;
      readonly size: number;
      readonly seed: number;
    }
  | { readonly kind: 'mkdir' | 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly path: string }
  | { readonly kind: 'set-time'; readonly path: string; readonly mtime: Date }
  | {
      readonly kind: 'fill-directory';
      readonly path: string;
      readonly count: number;
      readonly length: number;
    }
  | { readonly kind: 'empty-directory'; readonly path: string; readonly step: number };

/** Paths that exist in every populated filesystem, and places for new ones. */
const DIRECTORIES = ['', '/boot', '/boot/overlays', '/BOOT', '/new', '/new/deep'];
const NAMES = [
  'user-data',
  'meta-data',
  'config.txt',
  'CONFIG.TXT',
  'Config.Txt',
  'fragmented',
  'FILE-7.BIN',
  'overlays',
  'deep',
  'new',
  'a',
  'B.TXT',
  'lower.yaml',
  'long name with spaces.conf',
  'two.dots.tar.gz',
  '.hidden',
  '+,;=',
  'grüße',
  'GRÜSSE',
  'ÄÖÜ',
  'äöü',
  '文件',
  'exactly thirteen'.slice(0, 13),
  'n'.repeat(255),
  `${'m'.repeat(80)}.txt`,
];

const path = fc
  .tuple(fc.constantFrom(...DIRECTORIES), fc.constantFrom(...NAMES))
  .map(([directory, name]) => `${directory}/${name}`);
const directory = fc.constantFrom('/', ...DIRECTORIES.slice(1));
const seed = fc.integer({ min: 0, max: 2 ** 31 });
const size = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 200_000 }),
  fc.constantFrom(0, 1, 511, 512, 513, 4096, 8192, 32_768, 65_536),
);
const streamSize = fc.oneof(size, fc.integer({ min: 200_000, max: 3 << 20 }));
/** In steps of two seconds, which is all that FAT keeps. */
const mtime = fc
  .integer({ min: Date.UTC(1980, 0, 1) / 2000, max: Date.UTC(2037, 11, 31) / 2000 })
  .map((steps) => new Date(steps * 2000));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      { kind: fc.constant('write' as const), path, size, seed, mtime },
      { requiredKeys: ['kind', 'path', 'size', 'seed'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('write-stream' as const), path, size: streamSize, seed }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), path, size, seed }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('append-stream' as const), path, size: streamSize, seed }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mkdir' as const), path }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), path: directory }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('rename' as const), from: path, path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), from: directory, path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set-time' as const), path, mtime }) },
  { weight: 2, arbitrary: fillDirectory(directory, 120) },
  { weight: 1, arbitrary: emptyDirectory(directory) },
);

/** Random sequences of edits. */
export function operationSequences(maxLength: number): fc.Arbitrary<Operation[]> {
  return fc.array(operation, { minLength: Math.min(5, maxLength), maxLength, size: 'max' });
}
