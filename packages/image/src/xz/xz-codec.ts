import type { FileHandle } from 'node:fs/promises';
import type { XzCheck } from './xz-check.js';

/** How data is cut into blocks and what they carry. */
export interface XzEncodeOptions {
  readonly check: XzCheck;
  /** Raw size of every block in bytes (the last one may be shorter), or the sizes of all blocks. */
  readonly blockBytes: number | readonly number[];
  /** Compute threads. Default 1. */
  readonly threads?: number;
  readonly signal: AbortSignal;
}

/**
 * Encodes and decodes complete .xz streams, off the main thread.
 *
 * @remarks Errors: `IMAGE_CORRUPT` for data that does not decode, `IMAGE_UNSUPPORTED_COMPRESSION` beyond the decoder's
 * means, `IMAGE_UNREADABLE` when it fails itself, `IMAGE_HOST_NO_SPACE`, the reason of the signal, and
 * whatever the source of the bytes throws.
 */
export interface XzCodec {
  readonly name: 'xz' | 'lzma-native';
  /** Decodes into chunks. */
  decode(encoded: AsyncIterable<Buffer>, options: XzDecodeOptions): AsyncGenerator<Buffer, void, undefined>;
  /** Encodes into `target`, an empty file at position 0, as one stream; dictionaries are at most 4 MiB. */
  encodeToFile(raw: AsyncIterable<Buffer>, target: FileHandle, options: XzEncodeOptions): Promise<void>;
}

export interface XzDecodeOptions {
  /** What is decoded, for messages. */
  readonly path: string;
  /** What its filters besides LZMA2 are called, for messages. */
  readonly filters?: readonly string[];
  /** Compute threads. Default 1. */
  readonly threads?: number;
  readonly signal: AbortSignal;
}
