import type { LeftoverContainers } from '../leftovers/leftover.js';
import type { ImageBackendId, ImageSession, OpenImageOptions } from './image-engine.js';

/** One way to edit images. */
export interface ImageBackend {
  readonly id: ImageBackendId;
  /** With `auto`, the lower one is tried first; our own drivers are before all. Default 100. */
  readonly preference?: number;
  /** Why it cannot be used on this host, as text or as an error that also tells the cure; undefined when it can. */
  unavailable(signal: AbortSignal): Promise<string | Error | undefined>;
  /** @param reason - Why this backend was chosen; becomes the session's `backendReason`. */
  open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession>;
  /** What killed runs may have left that is no file of this computer, for `doctor`. */
  leftovers?(): Promise<LeftoverContainers>;
}

const USUAL_PREFERENCE = 100;

/** In the order in which they are tried. */
export function byPreference(backends: readonly ImageBackend[]): ImageBackend[] {
  const rank = ({ preference = USUAL_PREFERENCE }: ImageBackend) => preference;
  return [...backends].sort((one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1));
}
