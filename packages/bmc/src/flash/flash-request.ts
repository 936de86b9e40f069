import type { ImageStream, InstallableImage, Logger, NodeId, Progress } from '@turingpi/core/plugin';
import type { OtherNodes } from './other-nodes.js';

/** The image to flash: what it is stored as, and how to read it from its first byte. */
export interface FlashImage {
  readonly format: 'xz' | 'raw';
  /** May be called again, for another format or another attempt. */
  open(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream>;
}

/** What to flash, where. */
export interface FlashRequest {
  readonly node: NodeId;
  readonly image: FlashImage;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (progress: Progress) => void;
  readonly logger?: Logger;
  /** Leave out the pass in which the BMC reads everything back and compares. */
  readonly skipReadback?: boolean;
  /**
   * What to do about other modules on boards with a USB hub, where the BMC may mistake a blank one for the target:
   * `keep` trusts the caller; default: refuse while another module is on that shows no sign of a system.
   */
  readonly otherNodes?: OtherNodes | 'keep';
  /** How often to try when an attempt fails for a reason that may pass. Default 2. */
  readonly attempts?: number;
}

/** What a successful flash was. The node is off. */
export interface FlashResult {
  readonly node: NodeId;
  readonly handle: number;
  /** What was sent: the bytes of the xz file, or the decompressed image. */
  readonly format: 'xz' | 'raw';
  readonly bytesSent: number;
  readonly rawSizeBytes: number;
  readonly durationMs: number;
  /** It was begun by an earlier run of ours and followed to its end by this one. */
  readonly followed: boolean;
  /** What was found and changed on the board for it, for the user. */
  readonly remarks: readonly string[];
}

/** An installable image, as the flash job takes it. */
export function flashImage(image: InstallableImage): FlashImage {
  return { format: image.record.format, open: (format, signal) => image.open(format, signal) };
}
