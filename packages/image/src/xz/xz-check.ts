/** The integrity check that every block of one stream carries. */
export type XzCheck = 'none' | 'crc32' | 'crc64' | 'sha256';

/** Check IDs of the .xz format (specification 2.1.1.2). */
const CHECK_IDS: Readonly<Record<XzCheck, number>> = { none: 0, crc32: 1, crc64: 4, sha256: 10 };

/** Length of the check at the end of a block, by check ID (specification 2.1.1.2). */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

/** The number that stands for a check in the stream flags. */
export function xzCheckId(check: XzCheck): number {
  return CHECK_IDS[check];
}

/** The check with this ID; undefined for IDs that are reserved. */
export function xzCheckOf(id: number): XzCheck | undefined {
  return (Object.keys(CHECK_IDS) as XzCheck[]).find((check) => CHECK_IDS[check] === id);
}

/** Bytes that a check takes at the end of each block. */
export function xzCheckSize(check: XzCheck): number {
  return CHECK_SIZES[CHECK_IDS[check]] ?? 0;
}
