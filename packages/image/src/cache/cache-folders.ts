/** Base images that were downloaded. */
export const DOWNLOADS = 'downloads';
/** Base images that were converted to xz of many blocks. */
export const BASES = 'bases';
/** Blocks of xz images, unpacked or packed anew. */
export const BLOCKS = 'xz-blocks';
