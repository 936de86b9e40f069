import { open } from 'node:fs/promises';
import { hostFileError } from '../disk/host-file-error.js';
import type { XzCheck } from '../xz/xz-check.js';
import { dictionaryBytes, MAX_BLOCK_HEADER_BYTES, parseBlockHeader } from '../xz/xz-block-header.js';
import { readXzLayout } from '../xz/xz-layout.js';

/** How an .xz file is made: what decides how fast it is edited, and whether the BMC can decode it. */
export interface XzDescription {
  readonly streams: number;
  readonly blocks: number;
  readonly check: XzCheck | undefined;
  /** Decompressed bytes of the largest block. */
  readonly largestBlockBytes: number;
  /** The most memory that decoding a block takes for its dictionary, in bytes. */
  readonly largestDictionaryBytes: number;
}

/** Describes an .xz file from its index and its block headers; no block is decoded. @throws ImageError. */
export async function describeXz(path: string, signal: AbortSignal): Promise<XzDescription> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw hostFileError(error, path, 'read');
  });
  try {
    const { streams, blocks } = await readXzLayout(file, path, (await file.stat()).size);
    let largestDictionaryBytes = 0;
    const header = Buffer.alloc(MAX_BLOCK_HEADER_BYTES);
    for (const { fileOffset } of blocks) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(header, 0, header.length, fileOffset);
      const bytes = dictionaryBytes(parseBlockHeader(header.subarray(0, bytesRead)));
      largestDictionaryBytes = Math.max(largestDictionaryBytes, bytes);
    }
    return {
      streams: streams.length,
      blocks: blocks.length,
      check: streams[0]?.check,
      largestBlockBytes: blocks.reduce((most, { rawBytes }) => Math.max(most, rawBytes), 0),
      largestDictionaryBytes,
    };
  } finally {
    await file.close();
  }
}
