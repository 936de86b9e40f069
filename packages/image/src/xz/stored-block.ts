import { beginBlockCheck } from './block-check.js';
import { LZMA2, LZMA2_END, LZMA2_STORED, LZMA2_STORED_AND_RESET } from './lzma2.js';
import { renderBlockHeader } from './xz-block-header.js';
import type { XzCheck } from './xz-check.js';
import { paddedToFour } from './xz-index.js';

/** LZMA2 with its smallest dictionary, 4 KiB: stored data refers to none. */
const SMALLEST_LZMA2 = [{ id: LZMA2, properties: Buffer.from([0]) }];
const MAX_STORED_BYTES = 64 * 1024;

/** A block of an .xz file. */
export interface RenderedBlock {
  /** With its padding. */
  readonly bytes: Buffer;
  /** Header, data and check, without padding. */
  readonly unpaddedBytes: number;
}

/** Wraps data in a block without compressing it, for what would not become smaller. */
export function renderStoredBlock(raw: Buffer, check: XzCheck): RenderedBlock {
  if (raw.length === 0) throw new RangeError('a block holds at least one byte');
  const data: Buffer[] = [];
  for (let offset = 0; offset < raw.length; offset += MAX_STORED_BYTES) {
    const chunk = raw.subarray(offset, offset + MAX_STORED_BYTES);
    const head = Buffer.from([offset === 0 ? LZMA2_STORED_AND_RESET : LZMA2_STORED, 0, 0]);
    head.writeUInt16BE(chunk.length - 1, 1);
    data.push(head, chunk);
  }
  data.push(Buffer.from([LZMA2_END]));
  const dataBytes = data.reduce((sum, { length }) => sum + length, 0);
  const header = renderBlockHeader(SMALLEST_LZMA2, dataBytes, raw.length);
  const padding = Buffer.alloc(paddedToFour(dataBytes) - dataBytes);
  const blockCheck = beginBlockCheck(check);
  blockCheck.update(raw);
  const digest = blockCheck.digest();
  return {
    bytes: Buffer.concat([header, ...data, padding, digest]),
    unpaddedBytes: header.length + dataBytes + digest.length,
  };
}
