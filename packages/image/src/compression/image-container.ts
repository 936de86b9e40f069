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

/** Recognises a container by its first bytes; the name of the file says nothing reliable. */
export function recogniseContainer(start: Uint8Array): ImageContainer {
  const match = MAGICS.find(([, magic]) => magic.every((byte, index) => start[index] === byte));
  return match ? match[0] : 'raw';
}
