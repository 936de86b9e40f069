import { readFully } from '../disk/read-fully.js';
import { readSegments } from '../disk/file-segment.js';
import { ScratchFile } from '../disk/scratch-file.js';
import { ImageError } from '../image-error.js';
import type { XzCodec, XzDecodeOptions } from './xz-codec.js';
import type { ExcerptedStream } from './xz-excerpt.js';

/** The data of one block, decoded: in memory, or in a scratch file that the decoder wrote itself. */
export interface DecodedBlock extends AsyncDisposable {
  readonly memoryBytes: number;
  readonly scratchBytes: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/** Decodes into memory; for small blocks. @throws ImageError `IMAGE_CORRUPT`. */
export async function decodeToMemory(
  codec: XzCodec,
  excerpt: ExcerptedStream,
  options: XzDecodeOptions,
): Promise<DecodedBlock> {
  const bytes = Buffer.allocUnsafeSlow(excerpt.rawBytes);
  let done = 0;
  for await (const chunk of codec.decode(readSegments(excerpt.segments, options.signal), options)) {
    if (done + chunk.length > bytes.length) throw wrongLength(options.path);
    chunk.copy(bytes, done);
    done += chunk.length;
  }
  if (done !== bytes.length) throw wrongLength(options.path);
  return {
    memoryBytes: bytes.length,
    scratchBytes: 0,
    read: (offset, length) => Promise.resolve(Buffer.from(bytes.subarray(offset, offset + length))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * Decodes into a scratch file, so that large blocks stay in the page cache of the host and not in this process.
 *
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`.
 */
export async function decodeToScratch(
  codec: XzCodec,
  excerpt: ExcerptedStream,
  options: XzDecodeOptions & { readonly scratchDir: string },
): Promise<DecodedBlock> {
  const scratch = await ScratchFile.create(options.scratchDir);
  try {
    await codec.decodeToFile(readSegments(excerpt.segments, options.signal), scratch.handle, options);
    const { size } = await scratch.handle.stat();
    if (size !== excerpt.rawBytes) throw wrongLength(options.path);
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
  return {
    memoryBytes: 0,
    scratchBytes: excerpt.rawBytes,
    read: async (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      await readFully(scratch.handle, scratch.path, bytes, offset);
      return bytes;
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

/** All bytes of a decoded block, in chunks. */
export async function* chunksOf(
  decoded: DecodedBlock,
  length: number,
  chunkBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  for (let offset = 0; offset < length; offset += chunkBytes) {
    yield await decoded.read(offset, Math.min(chunkBytes, length - offset));
  }
}

function wrongLength(path: string): ImageError {
  return new ImageError('IMAGE_CORRUPT', `${path} is damaged: an xz block is not as long as the index says`);
}
