import fc from 'fast-check';

/** Many names made in a directory at once, of up to `mostNames` and so long that it has to grow. */
export function fillDirectory(path: fc.Arbitrary<string>, mostNames: number) {
  return fc.record({
    kind: fc.constant('fill-directory' as const),
    path,
    count: fc.integer({ min: 1, max: mostNames }),
    length: fc.integer({ min: 12, max: 255 }),
  });
}

/** Every so many names removed from a directory. */
export function emptyDirectory(path: fc.Arbitrary<string>) {
  return fc.record({
    kind: fc.constant('empty-directory' as const),
    path,
    step: fc.integer({ min: 1, max: 4 }),
  });
}
