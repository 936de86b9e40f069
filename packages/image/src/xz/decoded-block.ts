import { readSegments } from '../disk/file-segment.js';
import { ImageError } from '../image-error.js';
import type { XzCodec, XzDecodeOptions } from './xz-codec.js';
import type { ExcerptedStream } from './xz-excerpt.js';

/** The data of one block, decoded into memory or into a scratch file. */
export interface DecodedBlock extends AsyncDisposable {
  readonly memoryBytes: number;
  readonly scratchBytes: number;
  /** What a decoder that is kept waiting takes, somewhere on this computer; undefined when all is decoded. */
  readonly decoderBytes: number | undefined;
  /** Decodes the rest. */
  finish(): Promise<void>;
  /** @param into - Takes the bytes, which are its beginning then; default: new memory. */
  read(offset: number, length: number, into?: Buffer): Promise<Buffer>;
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
    decoderBytes: undefined,
    finish: () => Promise.resolve(),
    read: (offset, length, into = Buffer.allocUnsafeSlow(length)) => {
      bytes.copy(into, 0, offset, offset + length);
      return Promise.resolve(into.subarray(0, length));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The error of a block that decodes to more or less than the index says. */
export function wrongLength(path: string): ImageError {
  return new ImageError('IMAGE_CORRUPT', `${path} is damaged: an xz block is not as long as the index says`);
}
