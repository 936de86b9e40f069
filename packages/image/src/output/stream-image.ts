import { Readable } from 'node:stream';
import type { ImageStream } from '@turingpi/foundation';
import type { ImageSource } from '../compression/image-source.js';
import { readSegments, segmentLength, type FileSegment } from '../disk/file-segment.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import { ScratchFile } from '../disk/scratch-file.js';
import { sha256OfSegments } from '../disk/segment-digest.js';
import { dictionaryBytes } from '../xz/xz-block-header.js';
import type { LocatedBlock } from '../xz/located-block.js';
import { readBlockHeader } from '../xz/xz-excerpt.js';
import { rawChunks } from './raw-chunks.js';
import { writeSparsely } from './write-sparsely.js';
import { XzAssembly } from './xz-assembly.js';

/** Header reads under way at a time. */
const HEADER_READS = 32;

/**
 * An image with its edits as a stream, without a file under any name. Length and digest are computed first.
 *
 * @remarks The source and the overlay must stay open, and the overlay unchanged, until the stream has ended. A raw
 * stream of a compressed image is decoded once into a scratch file. The signal destroys the stream.
 * @throws ImageError `IMAGE_HOST_NO_SPACE`, `IMAGE_CORRUPT`, `IMAGE_UNREADABLE`; the reason of the signal.
 */
export async function streamImage(
  source: ImageSource,
  overlay: OverlayDisk | undefined,
  format: 'xz' | 'raw',
  signal: AbortSignal,
): Promise<ImageStream> {
  signal.throwIfAborted();
  return format === 'raw' ? streamRaw(source, overlay, signal) : streamXz(source, overlay, signal);
}

async function streamXz(
  source: ImageSource,
  overlay: OverlayDisk | undefined,
  signal: AbortSignal,
): Promise<ImageStream> {
  const assembly = new XzAssembly(await source.xzBase(), overlay, signal);
  try {
    const segments: FileSegment[] = [];
    const blocks: LocatedBlock[] = [];
    for await (const part of assembly.parts()) {
      segments.push(part.segment);
      for (const block of part.blocks) blocks.push(block);
    }
    return {
      format: 'xz',
      lengthBytes: segments.reduce((sum, segment) => sum + segmentLength(segment), 0),
      sha256: await sha256OfSegments(segments, signal),
      rawSizeBytes: source.disk.sizeBytes,
      dictionaryBytes: await largestDictionary(blocks),
      stream: streamOf(unchanged(source, segments, signal), assembly, signal),
    };
  } catch (error) {
    await assembly[Symbol.asyncDispose]();
    throw error;
  }
}

async function streamRaw(
  source: ImageSource,
  overlay: OverlayDisk | undefined,
  signal: AbortSignal,
): Promise<ImageStream> {
  const scratch = await ScratchFile.create(source.cacheDir);
  try {
    const target = {
      write: (bytes: Uint8Array, position: number) =>
        scratch.handle.write(bytes, 0, bytes.byteLength, position),
      truncate: (length: number) => scratch.handle.truncate(length),
    };
    const chunks = rawChunks(source.disk, overlay, signal);
    const { sizeBytes, sha256 } = await writeSparsely(chunks, target, source.disk.sizeBytes, scratch.path);
    await source.assertUnchanged();
    const segment = { file: scratch.handle, path: scratch.path, offset: 0, length: sizeBytes };
    return {
      format: 'raw',
      lengthBytes: sizeBytes,
      sha256,
      rawSizeBytes: sizeBytes,
      dictionaryBytes: undefined,
      stream: streamOf(readSegments([segment], signal), scratch, signal),
    };
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}

/** The bytes of segments; they do not end well when the image was changed since its digest was made. */
async function* unchanged(
  source: ImageSource,
  segments: readonly FileSegment[],
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  yield* readSegments(segments, signal);
  await source.assertUnchanged();
}

/** A stream of segments that disposes of what it reads from when it is closed, however that comes about. */
function streamOf(chunks: AsyncIterable<Buffer>, resource: AsyncDisposable, signal: AbortSignal): Readable {
  const stream = Readable.from(chunks, { objectMode: false });
  stream.on('error', () => undefined); // an abort may come before anybody reads; readers get it from reading
  const abort = (): void => void stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => {
    signal.removeEventListener('abort', abort);
    void Promise.resolve(resource[Symbol.asyncDispose]()).catch(() => undefined); // scratch files: nothing that a reader could act on
  });
  return stream;
}

async function largestDictionary(blocks: readonly LocatedBlock[]): Promise<number> {
  let largest = 0;
  for (let start = 0; start < blocks.length; start += HEADER_READS) {
    const headers = await Promise.all(
      blocks
        .slice(start, start + HEADER_READS)
        .map(({ file, path, block }) => readBlockHeader(file, path, block)),
    );
    largest = Math.max(largest, ...headers.map(dictionaryBytes));
  }
  return largest;
}
