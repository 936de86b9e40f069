import type { FileHandle } from 'node:fs/promises';
import { readFully } from '../disk/read-fully.js';
import type { FileSegment } from '../disk/file-segment.js';
import { ImageError } from '../image-error.js';
import { LZMA2 } from './lzma2.js';
import { filterNames } from './xz-filter-names.js';
import {
  dictionaryBytes,
  parseBlockHeader,
  renderBlockHeader,
  type XzBlockHeader,
  type XzFilter,
} from './xz-block-header.js';
import { xzCheckSize } from './xz-check.js';
import { renderIndex, type XzIndexRecord } from './xz-index.js';
import type { XzBlock } from './xz-layout.js';
import { renderStreamFooter, renderStreamHeader } from './xz-stream-frame.js';

/** Decoding allocates the whole dictionary: more than this is refused, as no image needs it. */
export const MAX_DICTIONARY_BYTES = 512 * 1024 * 1024;

const LONGEST_COMMON_HEADER = 64;

/**
 * Reads the header of a block.
 *
 * @throws ImageError `IMAGE_CORRUPT`; `IMAGE_UNSUPPORTED_COMPRESSION` beyond {@link MAX_DICTIONARY_BYTES}.
 */
export async function readBlockHeader(
  file: FileHandle,
  path: string,
  block: XzBlock,
): Promise<XzBlockHeader> {
  let bytes = Buffer.allocUnsafe(Math.min(LONGEST_COMMON_HEADER, block.unpaddedBytes));
  await readFully(file, path, bytes, block.fileOffset);
  const length = ((bytes[0] ?? 0) + 1) * 4;
  if (length > bytes.length) {
    if (length > block.unpaddedBytes) throw corrupt(path, block, 'its header is longer than itself');
    bytes = Buffer.allocUnsafe(length);
    await readFully(file, path, bytes, block.fileOffset);
  }
  const header = parseBlockHeader(bytes);
  const dictionary = Math.min(dictionaryBytes(header), block.rawBytes);
  if (dictionary > MAX_DICTIONARY_BYTES) {
    throw new ImageError(
      'IMAGE_UNSUPPORTED_COMPRESSION',
      `${path} needs ${dictionary} bytes of memory to decode`,
    );
  }
  return header;
}

/** The stream that holds nothing but some blocks of another one. */
export interface ExcerptedStream {
  readonly segments: readonly FileSegment[];
  readonly rawBytes: number;
  /** No filter besides LZMA2: any decoder can decode it. */
  readonly plain: boolean;
  /** What its filters besides LZMA2 are called. */
  readonly filters: readonly string[];
  /** What a decoder of it has to keep in memory: its largest dictionary. */
  readonly dictionaryBytes: number;
}

/**
 * Wraps blocks in a stream of their own, so that any decoder can decode just them.
 *
 * @remarks Their headers are written anew with both sizes of the index, so that a decoder stops at once at a block
 * that turns out longer than the index says: a decompression bomb costs nothing. A dictionary larger than the block, which
 * nothing in it can refer to, is made as small: it would only cost memory.
 * @param blocks - One or more blocks with the same check.
 * @throws ImageError `IMAGE_CORRUPT` when a block contradicts the index; `IMAGE_UNSUPPORTED_COMPRESSION`.
 */
export async function excerptBlocks(
  file: FileHandle,
  path: string,
  blocks: readonly XzBlock[],
): Promise<ExcerptedStream> {
  const check = blocks[0]?.check ?? 'none';
  const segments: FileSegment[] = [{ bytes: renderStreamHeader(check) }];
  const records: XzIndexRecord[] = [];
  let plain = true;
  let largestDictionary = 0;
  const names = new Set<string>();
  for (const block of blocks) {
    const header = await readBlockHeader(file, path, block);
    const dataBytes = block.unpaddedBytes - header.headerBytes - xzCheckSize(check);
    if (dataBytes <= 0 || (header.compressedBytes ?? dataBytes) !== dataBytes) {
      throw corrupt(path, block, 'its compressed size contradicts the index');
    }
    if ((header.rawBytes ?? block.rawBytes) !== block.rawBytes) {
      throw corrupt(path, block, 'its size contradicts the index');
    }
    plain &&= header.filters.length === 1;
    for (const name of filterNames(header.filters)) names.add(name);
    const filters = header.filters.map((filter) => withDictionaryFor(filter, block.rawBytes));
    largestDictionary = Math.max(largestDictionary, dictionaryBytes({ ...header, filters }));
    const rendered = renderBlockHeader(filters, dataBytes, block.rawBytes);
    const rest = block.fileOffset + header.headerBytes;
    segments.push({ bytes: rendered });
    segments.push({ file, path, offset: rest, length: block.paddedBytes - header.headerBytes });
    records.push({
      unpaddedBytes: block.unpaddedBytes - header.headerBytes + rendered.length,
      rawBytes: block.rawBytes,
    });
  }
  const index = renderIndex(records);
  segments.push({ bytes: Buffer.concat([index, renderStreamFooter(check, index.length)]) });
  return {
    segments,
    rawBytes: records.reduce((sum, record) => sum + record.rawBytes, 0),
    plain,
    filters: [...names],
    dictionaryBytes: largestDictionary,
  };
}

/** The same filter, with the smallest dictionary that has room for all of a block (specification 5.3.1). */
function withDictionaryFor(filter: XzFilter, rawBytes: number): XzFilter {
  const bits = filter.properties[0] ?? 0;
  if (filter.id !== LZMA2 || filter.properties.length !== 1) return filter;
  let enough = 0;
  while (enough < bits && (2 | (enough & 1)) * 2 ** ((enough >> 1) + 11) < rawBytes) enough++;
  return { id: filter.id, properties: Buffer.from([enough]) };
}

function corrupt(path: string, block: XzBlock, why: string): ImageError {
  return new ImageError(
    'IMAGE_CORRUPT',
    `${path}: the xz block at byte ${block.fileOffset} is damaged: ${why}`,
  );
}
