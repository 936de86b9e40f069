/**
 * What the plugin of an operating system needs to customise images: little, and quick to load. All that opens images is
 * loaded by the engine when it is needed.
 */
export type {
  ImageEngine,
  ImageSession,
  OpenImageOptions,
  PartitionSelector,
} from './engine/image-engine.js';
export type { ImageFiles } from './filesystem/image-files.js';
export { ImageError, type ImageErrorCode } from './image-error.js';
export { applyRecording, type ApplyRecordingOptions } from './modifier/apply-recording.js';
export { type ChangedFile, changedFiles } from './modifier/changed-files.js';
export type { ImageRecording } from './modifier/image-recording.js';
export { recordImageModifications, type RecordOptions } from './modifier/record-image-modifications.js';
export { describeRecording, type RecordingRecord, restoreRecording } from './modifier/recording-record.js';
export { type ImageAnswers, RememberedImage } from './modifier/remembered-image.js';

export type { BaseImageSource } from './download/base-image-source.js';
export type { ImageFileOptions, ImageFileStat, ImageModifier } from './modifier/image-modifier.js';
export { LazyImageEngine } from './engine/lazy-image-engine.js';
export { limitCache } from './cache/limit-cache.js';
export { removeReplaced } from './cache/remove-replaced.js';
export { byPreference, type ImageBackend } from './engine/image-backend.js';
export { LazyImageBackend } from './engine/lazy-image-backend.js';
