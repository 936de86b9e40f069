import type { ReadableDisk, WritableDisk } from '../disk/disk.js';
import type { FileContent } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import type { FatGeometry } from './fat-geometry.js';
import type { ClusterRun } from './cluster-run.js';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a file's bytes in order, at most 1 MiB at a time. */
export async function* readContent(
  disk: ReadableDisk,
  geometry: FatGeometry,
  runs: readonly ClusterRun[],
  size: number,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < size;) {
    const piece = locate(geometry, runs, at);
    const length = Math.min(piece.length, size - at, CHUNK_BYTES);
    yield await disk.read(piece.offset, length);
    at += length;
  }
}

/**
 * Writes content into a chain, from `start` on, and fills the rest of its last cluster with zeros.
 *
 * @throws ImageError `IMAGE_SOURCE_UNREADABLE` when a stream fails or does not have its stated length.
 */
export async function writeContent(
  disk: WritableDisk,
  geometry: FatGeometry,
  runs: readonly ClusterRun[],
  start: number,
  content: FileContent,
  path: string,
): Promise<void> {
  let at = start;
  const put = async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) {
      const piece = locate(geometry, runs, at);
      const length = Math.min(piece.length, bytes.length - done);
      await disk.write(piece.offset, bytes.subarray(done, done + length));
      at += length;
      done += length;
    }
  };
  if (content instanceof Uint8Array) await put(content);
  else for await (const chunk of chunksOf(content, path)) await put(chunk);
  const tail = at % geometry.clusterBytes;
  if (tail > 0) await put(Buffer.alloc(geometry.clusterBytes - tail));
}

/** All bytes of a content, for those that have to be in memory. */
export async function collectContent(content: FileContent, path: string): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(content, path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Length of a content in bytes. */
export function contentSize(content: FileContent): number {
  return content instanceof Uint8Array ? content.byteLength : content.size;
}

async function* chunksOf(
  { stream, size }: Exclude<FileContent, Uint8Array>,
  path: string,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  const fail = (why: string, cause?: unknown) =>
    new ImageError('IMAGE_SOURCE_UNREADABLE', `The content for ${path} could not be read: ${why}.`, {
      ...(cause === undefined ? {} : { cause }),
      details: { path, expectedBytes: size, seenBytes: seen },
    });
  const changed = () => fail(`it should be ${size} bytes long and is not; did it change meanwhile?`);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      seen += chunk.length;
      if (seen > size) throw changed();
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof ImageError || isAbort(cause)) throw cause;
    throw fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (seen < size) throw changed();
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Where a byte of a chain lies on the disk, and how many follow it without a gap. */
function locate(
  { clusterBytes, dataOffset }: FatGeometry,
  runs: readonly ClusterRun[],
  at: number,
): { offset: number; length: number } {
  let left = at;
  for (const run of runs) {
    const bytes = run.count * clusterBytes;
    if (left < bytes)
      return { offset: dataOffset + (run.first - 2) * clusterBytes + left, length: bytes - left };
    left -= bytes;
  }
  throw new ImageError(
    'IMAGE_FILESYSTEM_CORRUPT',
    'The FAT filesystem is damaged: a file has too few clusters.',
  );
}
