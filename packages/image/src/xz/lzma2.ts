import type { FileHandle } from 'node:fs/promises';
import { readFully } from '../disk/read-fully.js';

/** Number of the filter LZMA2 (specification 5.3.1). */
export const LZMA2 = 0x21;

// Control bytes, which begin every chunk of LZMA2 data.
export const LZMA2_END = 0x00;
export const LZMA2_STORED_AND_RESET = 0x01;
export const LZMA2_STORED = 0x02;
const FIRST_CODED = 0x80;
/** From this control byte on, a byte of properties follows the sizes. */
const FIRST_WITH_PROPERTIES = 0xc0;

const LONGEST_HEAD_BYTES = 6;

/** A range of an open file that holds LZMA2 data; the path is for messages. */
export interface Lzma2Data {
  readonly file: FileHandle;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** The first chunks of LZMA2 data: how long they are, and how much they decode to. In bytes. */
export interface Lzma2Prefix {
  readonly dataBytes: number;
  readonly rawBytes: number;
}

/**
 * Finds the longest run of whole chunks at the beginning that decodes to at most `maxRawBytes`. It can stand alone: with
 * an end marker it is complete LZMA2 data.
 *
 * @returns Less than could be when the data is damaged: whoever decodes it notices.
 */
export async function findLzma2Prefix(data: Lzma2Data, maxRawBytes: number): Promise<Lzma2Prefix> {
  let dataBytes = 0;
  let rawBytes = 0;
  while (dataBytes < data.length) {
    const head = Buffer.alloc(Math.min(LONGEST_HEAD_BYTES, data.length - dataBytes));
    await readFully(data.file, data.path, head, data.offset + dataBytes);
    const chunk = chunkOf(head);
    if (!chunk || rawBytes + chunk.rawBytes > maxRawBytes) break;
    if (dataBytes + chunk.dataBytes > data.length) break;
    dataBytes += chunk.dataBytes;
    rawBytes += chunk.rawBytes;
  }
  return { dataBytes, rawBytes };
}

/** @returns The sizes of a chunk; undefined for the end marker, and for what is not LZMA2. */
function chunkOf(head: Buffer): Lzma2Prefix | undefined {
  const control = head[0] ?? LZMA2_END;
  if (control === LZMA2_STORED || control === LZMA2_STORED_AND_RESET) {
    if (head.length < 3) return undefined;
    const rawBytes = head.readUInt16BE(1) + 1;
    return { dataBytes: 3 + rawBytes, rawBytes };
  }
  if (control < FIRST_CODED || head.length < 5) return undefined;
  const headBytes = control >= FIRST_WITH_PROPERTIES ? 6 : 5;
  return {
    dataBytes: headBytes + head.readUInt16BE(3) + 1,
    rawBytes: (control & 0x1f) * 0x10000 + head.readUInt16BE(1) + 1,
  };
}
