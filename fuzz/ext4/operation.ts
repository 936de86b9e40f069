import fc from 'fast-check';
import { emptyDirectory, fillDirectory } from '../directory-operations.js';

/** One edit of a filesystem, in terms that our driver and the kernel both understand. */
export type Operation =
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly size: number;
      readonly seed: number;
      readonly attributes: Attributes;
    }
  | { readonly kind: 'write-stream'; readonly path: string; readonly size: number; readonly seed: number }
  | { readonly kind: 'append'; readonly path: string; readonly size: number; readonly seed: number }
  | { readonly kind: 'append-stream'; readonly path: string; readonly size: number; readonly seed: number }
  | { readonly kind: 'mkdir'; readonly path: string; readonly attributes: Attributes }
  | { readonly kind: 'make-directories'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly length: number }
  | { readonly kind: 'link'; readonly from: string; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'remove-tree'; readonly path: string }
  | { readonly kind: 'attributes'; readonly path: string; readonly attributes: Attributes }
  | {
      readonly kind: 'fill-directory';
      readonly path: string;
      readonly count: number;
      readonly length: number;
    }
  | { readonly kind: 'empty-directory'; readonly path: string; readonly step: number };

export interface Attributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Date;
}

/** Paths that exist in every populated image, and places for new ones. */
const DIRECTORIES = ['', '/etc', '/etc/sub', '/usr', '/big', '/acl', '/new', '/new/deep', '/tiny'];
const NAMES = [
  'hostname',
  'a',
  'b',
  'c',
  'link',
  'sub',
  'deep',
  'new',
  'fragmented',
  'prealloc',
  'sparse',
  'shared-1',
  'xattr',
  'grüße-日本',
  'n'.repeat(255),
  'file-00007',
];

const path = fc
  .tuple(fc.constantFrom(...DIRECTORIES), fc.constantFrom(...NAMES))
  .map(([directory, name]) => `${directory}/${name}`);
const directory = fc.constantFrom(...DIRECTORIES.slice(1));
const seed = fc.integer({ min: 0, max: 2 ** 31 });
const smallSize = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 200_000 }),
  fc.constantFrom(0, 60, 1024, 2048, 4096, 8192, 12 * 1024, 13 * 1024, 300 * 1024),
);
const streamSize = fc.oneof(smallSize, fc.integer({ min: 1 << 20, max: 5 << 20 }));
/** With several of these an image is full. */
const largeSize = fc.integer({ min: 4 << 20, max: 20 << 20 });
const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.constantFrom(0, 1000, 65_534, 100_000, 4_000_000_000),
    gid: fc.constantFrom(0, 1000, 65_534, 100_001),
    // Before 2010, which tells it apart from the clock's; in eighths of a second, which the kernel gets exactly.
    mtime: fc.integer({ min: 1, max: 9_600_000_000 }).map((eighths) => new Date(eighths * 125)),
  },
  { requiredKeys: [] },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('write' as const), path, size: smallSize, seed, attributes }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('write-stream' as const), path, size: streamSize, seed }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), path, size: smallSize, seed }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('append-stream' as const), path, size: streamSize, seed }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mkdir' as const), path, attributes }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('symlink' as const),
      path,
      length: fc.oneof(fc.integer({ min: 9, max: 70 }), fc.integer({ min: 9, max: 1000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('write-stream' as const), path, size: largeSize, seed }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('make-directories' as const),
      path: fc
        .tuple(path, fc.array(fc.constantFrom('a', 'sub', 'grüße-日本', 'p'.repeat(255)), { maxLength: 3 }))
        .map(([at, names]) => [at, ...names].join('/')),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove-tree' as const), path: directory }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove-tree' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('link' as const), from: path, path }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('rename' as const), from: path, path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), from: directory, path }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), path: directory }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('attributes' as const), path, attributes }) },
  { weight: 2, arbitrary: fillDirectory(directory, 400) },
  { weight: 1, arbitrary: emptyDirectory(directory) },
);

/** Random sequences of edits. */
export function operationSequences(maxLength: number): fc.Arbitrary<Operation[]> {
  return fc.array(operation, { minLength: Math.min(5, maxLength), maxLength, size: 'max' });
}

/** Every directory on the way to a path, and the path itself: what `make-directories` makes one after another. */
export function pathsTo(path: string): string[] {
  const names = path.split('/').slice(1);
  return names.map((_name, index) => `/${names.slice(0, index + 1).join('/')}`);
}
