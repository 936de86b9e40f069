/**
 * What the plugin of an operating system needs to customise images: little, and quick to load. All that opens images is
 * loaded by the engine when it is needed.
 */
export {
  IMAGE_ENGINE,
  type ImageEngine,
  type ImageSession,
  type OpenImageOptions,
  type PartitionSelector,
} from './engine/image-engine.js';
export type { ImageFiles } from './filesystem/image-files.js';
export { ImageError, type ImageErrorCode } from './image-error.js';
export { applyRecording, type ApplyRecordingOptions } from './modifier/apply-recording.js';
export type { ImageRecording } from './modifier/image-recording.js';
export { recordImageModifications, type RecordOptions } from './modifier/record-image-modifications.js';
export { type ImageAnswers, RememberedImage } from './modifier/remembered-image.js';
export { imagePlugin as default } from './plugin.js';
