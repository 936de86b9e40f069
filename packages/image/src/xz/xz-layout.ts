import type { FileHandle } from 'node:fs/promises';
import { ImageError } from '../image-error.js';
import { readFully } from '../disk/read-fully.js';
import type { XzCheck } from './xz-check.js';
import { MAX_XZ_BLOCKS, paddedToFour, parseIndex } from './xz-index.js';
import { parseStreamFooter, parseStreamHeader, XZ_FRAME_BYTES } from './xz-stream-frame.js';

/** Where one block lies, in the file and in the decompressed image. All in bytes. */
export interface XzBlock {
  readonly check: XzCheck;
  readonly fileOffset: number;
  /** Header, data and check, without padding. */
  readonly unpaddedBytes: number;
  /** Length in the file, with padding. */
  readonly paddedBytes: number;
  readonly rawOffset: number;
  readonly rawBytes: number;
}

/** One stream of a file: blocks that share a check and an index. */
export interface XzStream {
  readonly check: XzCheck;
  readonly blocks: readonly XzBlock[];
}

/** The map of an .xz file. */
export interface XzLayout {
  readonly streams: readonly XzStream[];
  /** The blocks of all streams in order. */
  readonly blocks: readonly XzBlock[];
  readonly rawSizeBytes: number;
}

/** Concatenated streams beyond this are an attack on our time, not an image. */
const MAX_STREAMS = 1 << 16;
/** The index of {@link MAX_XZ_BLOCKS} blocks is shorter than this. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;
const PADDING_CHUNK_BYTES = 64 * 1024;

interface LocatedStream {
  readonly check: XzCheck;
  readonly start: number;
  readonly records: ReturnType<typeof parseIndex>;
}

/**
 * Reads the map of an .xz file from its footers and indexes, last stream first; no block is decoded.
 *
 * @param sizeBytes - Length of the file.
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE` or `IMAGE_UNSUPPORTED_COMPRESSION`.
 */
export async function readXzLayout(file: FileHandle, path: string, sizeBytes: number): Promise<XzLayout> {
  try {
    return layoutOf(await locateStreams(file, path, sizeBytes));
  } catch (error) {
    if (!(error instanceof ImageError) || error.message.includes(path)) throw error;
    throw new ImageError(error.code, `${path} is not a usable .xz file: ${error.message}`, {
      cause: error,
    });
  }
}

/** The blocks that hold a range of the image, found by bisection. */
export function blocksIn(blocks: readonly XzBlock[], offset: number, length: number): XzBlock[] {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = blocks[middle];
    if (block && block.rawOffset + block.rawBytes <= offset) low = middle + 1;
    else high = middle;
  }
  const found: XzBlock[] = [];
  for (let block = blocks[low]; block && block.rawOffset < offset + length; block = blocks[++low]) {
    if (block.rawBytes > 0) found.push(block);
  }
  return found;
}

async function locateStreams(file: FileHandle, path: string, sizeBytes: number): Promise<LocatedStream[]> {
  const read = async (position: number, length: number): Promise<Buffer> => {
    if (position < 0)
      throw new ImageError('IMAGE_CORRUPT', 'xz: a stream begins before the file: it was cut or altered');
    const bytes = Buffer.allocUnsafe(length);
    await readFully(file, path, bytes, position);
    return bytes;
  };
  if (sizeBytes % 4 !== 0) {
    throw new ImageError(
      'IMAGE_CORRUPT',
      `xz: the length of ${sizeBytes} bytes is not a multiple of four: cut off, or other data follows`,
    );
  }
  const streams: LocatedStream[] = [];
  let blocks = 0;
  for (let end = await skipPadding(read, sizeBytes); end > 0; end = await skipPadding(read, end)) {
    const footer = parseStreamFooter(await read(end - XZ_FRAME_BYTES, XZ_FRAME_BYTES));
    if (footer.indexBytes > MAX_INDEX_BYTES) {
      throw new ImageError('IMAGE_TOO_LARGE', `xz: the footer claims an index of ${footer.indexBytes} bytes`);
    }
    const indexStart = end - XZ_FRAME_BYTES - footer.indexBytes;
    const records = parseIndex(await read(indexStart, footer.indexBytes));
    const start =
      records.reduce((at, record) => at - paddedToFour(record.unpaddedBytes), indexStart) - XZ_FRAME_BYTES;
    const check = parseStreamHeader(await read(start, XZ_FRAME_BYTES));
    if (check !== footer.check)
      throw new ImageError('IMAGE_CORRUPT', 'xz: header and footer of a stream disagree');
    streams.push({ check, start, records });
    blocks += records.length;
    if (streams.length > MAX_STREAMS || blocks > MAX_XZ_BLOCKS) {
      throw new ImageError('IMAGE_TOO_LARGE', 'xz: the file has more streams or blocks than any image');
    }
    end = start;
  }
  if (streams.length === 0) throw new ImageError('IMAGE_CORRUPT', 'xz: the file has no stream');
  return streams.reverse();
}

/** Goes back over zero bytes between streams, which come in groups of four (specification 2.2). */
async function skipPadding(
  read: (position: number, length: number) => Promise<Buffer>,
  end: number,
): Promise<number> {
  let position = end;
  while (position >= 4) {
    const length = Math.min(position, position === end ? 4 : PADDING_CHUNK_BYTES);
    const chunk = await read(position - length, length);
    let keep = length;
    while (keep > 0 && chunk.readUInt32LE(keep - 4) === 0) keep -= 4;
    position -= length - keep;
    if (keep > 0) break;
  }
  if (position === 0 && end > 0) throw new ImageError('IMAGE_CORRUPT', 'xz: the file begins with padding');
  return position;
}

function layoutOf(located: readonly LocatedStream[]): XzLayout {
  let rawOffset = 0;
  const streams = located.map(({ check, start, records }): XzStream => {
    let fileOffset = start + XZ_FRAME_BYTES;
    const blocks = records.map(({ unpaddedBytes, rawBytes }): XzBlock => {
      const paddedBytes = paddedToFour(unpaddedBytes);
      const block = { check, fileOffset, unpaddedBytes, paddedBytes, rawOffset, rawBytes };
      fileOffset += paddedBytes;
      rawOffset += rawBytes;
      return block;
    });
    return { check, blocks };
  });
  if (!Number.isSafeInteger(rawOffset)) {
    throw new ImageError('IMAGE_TOO_LARGE', 'xz: the index claims more bytes than can be counted');
  }
  return { streams, blocks: streams.flatMap((stream) => stream.blocks), rawSizeBytes: rawOffset };
}
