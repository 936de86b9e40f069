import type { FileHandle } from 'node:fs/promises';
import { readFully } from './read-fully.js';

/** A range of an open file in bytes; the path is for messages. */
export interface FileRange {
  readonly file: FileHandle;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** Bytes in memory, or a range of an open file: what new files are put together from. */
export type FileSegment = { readonly bytes: Buffer } | FileRange;

/** How much is read at a time: large enough to be quick, small enough to hash between two turns of the event loop. */
const CHUNK_BYTES = 512 * 1024;

/** Length of a segment in bytes. */
export function segmentLength(segment: FileSegment): number {
  return 'bytes' in segment ? segment.bytes.length : segment.length;
}

/**
 * The bytes of segments, one after another, in chunks of at most 512 KiB that the consumer may keep.
 *
 * @throws ImageError `IMAGE_UNREADABLE`, `IMAGE_SOURCE_CHANGED` when a file became shorter; the reason of the signal.
 */
export function readSegments(
  segments: Iterable<FileSegment>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  return readInto((length) => Buffer.allocUnsafeSlow(length), segments, signal);
}

/**
 * As {@link readSegments}, for a consumer that is done with a chunk before it asks for the next one: the chunks share
 * their memory.
 */
export function passSegments(
  segments: Iterable<FileSegment>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const buffers: Buffer[] = [];
  let next = 0;
  // Two in turn: one is with the consumer while the other is being filled.
  const take = (length: number): Buffer => {
    next = 1 - next;
    let buffer = buffers[next];
    if (!buffer || buffer.length < length) buffer = buffers[next] = Buffer.allocUnsafeSlow(length);
    return buffer;
  };
  return readInto(take, segments, signal);
}

async function* readInto(
  buffer: (length: number) => Buffer,
  segments: Iterable<FileSegment>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for (const segment of segments) {
    signal?.throwIfAborted();
    if ('bytes' in segment) {
      yield segment.bytes;
      continue;
    }
    let next = readChunk(buffer, segment, 0);
    for (let done = 0; done < segment.length;) {
      const chunk = await next;
      done += chunk.length;
      signal?.throwIfAborted();
      next = readChunk(buffer, segment, done); // while the consumer works on this one
      next.catch(() => undefined); // thrown by the next turn; a consumer that stopped does not want it
      yield chunk;
    }
    await next;
  }
}

async function readChunk(
  buffer: (length: number) => Buffer,
  range: FileRange,
  done: number,
): Promise<Buffer> {
  const length = Math.min(CHUNK_BYTES, range.length - done);
  if (length === 0) return Buffer.alloc(0);
  const chunk = buffer(length).subarray(0, length);
  await readFully(range.file, range.path, chunk, range.offset + done);
  return chunk;
}
