// Parts of disk images, for whoever brings an image to a disk in pieces or makes a small one: what is in use, what travels,
// empty filesystems and partition tables.
export { formatFat, type FormatFatOptions } from './fat/format-fat.js';
export {
  GPT_HEAD_BYTES,
  GPT_TAIL_BYTES,
  gptForDisk,
  type NewPartition,
  type RenderedGpt,
  renderGpt,
} from './partition/write-gpt.js';
export { cutIntoParcels } from './parts/cut-into-parcels.js';
export { ImageParcel } from './parts/image-parcel.js';
export { clipRanges, gapsBetween, joinRanges } from './parts/range-set.js';
export { usedRanges } from './parts/used-ranges.js';
