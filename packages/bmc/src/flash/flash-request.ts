import type { ErasePermit, ImageStream, Logger, NodeId, Progress } from '@turingpi/foundation';
import type { OtherNodes } from './other-nodes.js';
import type { SharedTransfer } from './shared-transfer-journal.js';

/** The image to flash: what it is stored as, and how to read it from its first byte. */
export interface FlashImage {
  readonly format: 'xz' | 'raw';
  /** May be called again, for another format or another attempt. */
  open(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream>;
}

/** An image that the BMC reads by itself. */
export type RemoteImage =
  /** Downloaded by the BMC; the digest is of the file as it is there, and the only thing that is checked. */
  | { readonly from: 'url'; readonly url: string; readonly sha256: string; readonly rawSizeBytes?: number }
  /** A file on the BMC, for example below `/mnt/sdcard`; absolute path. No digest of it is checked. */
  | { readonly from: 'bmc-file'; readonly path: string; readonly rawSizeBytes?: number };

/** What to flash, where. */
export interface FlashRequest {
  readonly node: NodeId;
  readonly image: FlashImage | RemoteImage;
  /** Board type of the module in the slot, where it is known: some firmware cannot flash every one of them. */
  readonly module?: string;
  /**
   * The right to erase the node's storage: from core, or from `approveErasure` by a program that says itself what may be
   * lost. Without one the flash ends in `ERASE_NOT_APPROVED` before the board is asked anything.
   */
  readonly permit: ErasePermit | undefined;
  /**
   * Whether the flash is still this caller's, who may have been suspended while another computer took over: asked before
   * what would harm that one. Default: it is.
   */
  readonly isStillOurs?: (() => Promise<boolean>) | undefined;
  /**
   * What other computers that use the board are told of the transfer, and tell of theirs. Default: only programs of this
   * computer know of each other's.
   */
  readonly sharedTransfer?: SharedTransfer | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (progress: Progress) => void;
  readonly logger?: Logger;
  /** Leave out the pass in which the BMC reads everything back and compares. */
  readonly skipReadback?: boolean;
  /**
   * What is known about other modules on boards with a USB hub, where the BMC may mistake one in USB boot for the target:
   * `keep` trusts the caller. Default: refuse while another module is on that does not answer on its console.
   */
  readonly otherNodes?: OtherNodes | 'keep';
  /** How often to try when an attempt fails for a reason that may pass. Default 2. */
  readonly attempts?: number;
}

/** What a successful flash was. The node is off. */
export interface FlashResult {
  readonly node: NodeId;
  readonly handle: number;
  /** What was sent: the bytes of the xz file, or the decompressed image; undefined when nothing was. */
  readonly format: 'xz' | 'raw' | undefined;
  /** Zero for an image that the BMC reads by itself. */
  readonly bytesSent: number;
  readonly rawSizeBytes: number | undefined;
  readonly durationMs: number;
  /** It was begun by an earlier run of ours and followed to its end by this one. */
  readonly followed: boolean;
  /**
   * Whether the board itself tells which module was written: by its switch (boards up to v2.4), or because the firmware
   * looks at the node's own port of the hub and no other module could be taken for it. Where it does not, the first boot
   * of the node is what proves it.
   */
  readonly targetProven: boolean;
  /** What was found and changed on the board for it, for the user. */
  readonly remarks: readonly string[];
}
