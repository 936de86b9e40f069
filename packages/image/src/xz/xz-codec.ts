import type { FileHandle } from 'node:fs/promises';
import type { XzCheck } from './xz-check.js';
import { LzmaNativeCodec } from './lzma-native-codec.js';
import { findSystemXz } from './system-xz-codec.js';

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
 * @remarks Errors: `IMAGE_CORRUPT` for data that does not decode, `IMAGE_HOST_NO_SPACE`, the reason of the signal, and
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
  /** Compute threads. Default 1. */
  readonly threads?: number;
  readonly signal: AbortSignal;
}

let inProcess: Promise<XzCodec | undefined> | undefined;

/** The codec for small blocks: without the cost of a process for each. Undefined where its binary does not load. */
export function inProcessXzCodec(): Promise<XzCodec | undefined> {
  return (inProcess ??= import('lzma-native').then(
    () => new LzmaNativeCodec(),
    () => undefined,
  ));
}

let chosen: Promise<XzCodec> | undefined;

/** The `xz` program where the host has it (1.7 times faster, and a process of its own), else `lzma-native`. */
export function defaultXzCodec(): Promise<XzCodec> {
  return (chosen ??= findSystemXz().then((system) => system ?? new LzmaNativeCodec()));
}
