/** Base images that were downloaded. */
export const DOWNLOADS = 'downloads';
/** Base images that were converted to xz of many blocks. */
export const BASES = 'bases';
/** What customised images were asked to be, so that they can be made again, and the contents that belong to it. */
export const REQUESTS = 'requests';
/** Blocks of xz images, unpacked or packed anew. */
export const BLOCKS = 'xz-blocks';
