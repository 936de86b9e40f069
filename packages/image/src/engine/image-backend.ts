import type { ImageBackendId, ImageSession, OpenImageOptions } from './image-engine.js';

/** One way to edit images. */
export interface ImageBackend {
  readonly id: ImageBackendId;
  /** Why it cannot be used on this host, as text or as an error that also tells the cure; undefined when it can. */
  unavailable(signal: AbortSignal): Promise<string | Error | undefined>;
  /** @param reason - Why this backend was chosen; becomes the session's `backendReason`. */
  open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession>;
}
