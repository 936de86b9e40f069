export { ImageError, type ImageErrorCode } from './image-error.js';
