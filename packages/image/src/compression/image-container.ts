/** How the bytes of an image file are packed. */
export type ImageContainer = 'raw' | 'xz' | 'gz' | 'zst' | 'bz2' | 'zip';

/** How many bytes {@link recogniseContainer} wants to see. */
export const CONTAINER_MAGIC_BYTES = 8;

const MAGICS: readonly (readonly [ImageContainer, readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['gz', [0x1f, 0x8b, 0x08]],
  ['zst', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bz2', [0x42, 0x5a, 0x68]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

/** The magic of skippable frames, 0x184D2A50 to 0x184D2A5F, but for its first byte. */
const SKIPPABLE_ZSTD: readonly number[] = [0x2a, 0x4d, 0x18];

/**
 * Recognises a container by its first bytes; the name of the file says nothing reliable.
 *
 * @remarks A zstd file may begin with a skippable frame (RFC 8878, 3.1.2), as those of `pzstd` do.
 */
export function recogniseContainer(start: Uint8Array): ImageContainer {
  const [first = 0, ...rest] = start;
  if ((first & 0xf0) === 0x50 && SKIPPABLE_ZSTD.every((byte, index) => rest[index] === byte)) return 'zst';
  const match = MAGICS.find(([, magic]) => magic.every((byte, index) => start[index] === byte));
  return match ? match[0] : 'raw';
}
