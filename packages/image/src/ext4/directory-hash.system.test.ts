import { describe, expect, it } from 'vitest';
import { directoryHash } from './directory-hash.js';
import { debugfs, makeExt4Disk, missingPrograms } from './ext4-image.fixture.js';
import { SUPERBLOCK_OFFSET, parseSuperblock } from './superblock.js';

describe.skipIf(missingPrograms.length > 0)('directoryHash', () => {
  const disk = makeExt4Disk(2, []);
  const superblock = parseSuperblock(
    disk.bytes.subarray(SUPERBLOCK_OFFSET, SUPERBLOCK_OFFSET + 1024),
    disk.sizeBytes,
  );
  const seed = '6b8b4567-327b-43c6-a438-66334873b0dc';

  it.each(
    [
      'a',
      'hostname',
      'sixteen-bytes-ab',
      'thirty-two-bytes-abcdefghijklmno',
      'x'.repeat(255),
      'grüße-日本',
    ].flatMap((name) =>
      (
        [
          ['legacy', 0],
          ['half_md4', 1],
          ['tea', 2],
        ] as const
      ).flatMap(([hash, version]) => [
        [hash, version, false, name] as const,
        [String(version + 3), version, true, name] as const,
      ]),
    ),
  )('agrees with debugfs on %s (%i, unsigned %s) of %s', (hash, version, unsignedHash, name) => {
    const printed = debugfs(disk, `dx_hash -h ${hash} -s ${seed} "${name}"`);
    const [, digits = ''] = /is 0x([0-9a-f]+)/.exec(printed) ?? [];
    expect(directoryHash(Buffer.from(name), version, { ...superblock, unsignedHash })).toBe(
      Number.parseInt(digits, 16),
    );
  });
});
