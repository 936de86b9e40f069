import type { FileHandle } from 'node:fs/promises';
import { passSegments } from '../disk/file-segment.js';
import { beginBlockCheck } from './block-check.js';
import type { DecodedBlock } from './decoded-block.js';
import type { LocatedBlock } from './located-block.js';
import { findLzma2Prefix, LZMA2, LZMA2_END } from './lzma2.js';
import type { PieceEncoder } from './piece-encoder.js';
import { renderBlockHeader } from './xz-block-header.js';
import { xzCheckSize } from './xz-check.js';
import { readBlockHeader } from './xz-excerpt.js';
import { paddedToFour } from './xz-index.js';
import { XzStreamWriter } from './xz-stream-writer.js';

export interface CutOptions {
  /** Raw size of the pieces in bytes; the last one may be shorter. */
  readonly pieceBytes: number;
  /** Up to this raw offset within the block, its data may stay as it is encoded. In bytes. */
  readonly keepBytes: number;
  readonly signal: AbortSignal;
}

/** Pieces that one encoder is given. */
const PIECES_PER_RUN = 16;
/** Checked between two turns of the event loop. */
const CHECKED_BYTES = 1024 * 1024;
/** Runs of pieces held in memory while encoders are busy. */
const RUNS_IN_MEMORY = 4;

/**
 * Cuts a block into pieces: an .xz stream of the same data, in blocks of which one can be replaced without encoding the
 * others.
 *
 * @remarks What lies before the first edit is kept as it is encoded, since LZMA2 data may be cut at any chunk: that is the
 * first block, with the dictionary of the whole. All of the block is decoded, and so its check is found right before
 * anything takes its place.
 * @param decoded - The block's data.
 * @param target - An empty file.
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`, `IMAGE_WRITE_FAILED`; the reason of the signal.
 */
export async function cutBlock(
  source: LocatedBlock,
  decoded: DecodedBlock,
  encoder: PieceEncoder,
  target: FileHandle,
  options: CutOptions,
): Promise<void> {
  const { check, rawBytes } = source.block;
  const writer = new XzStreamWriter(target, check);
  await writer.begin();
  const keptBytes = await keepPrefix(source, decoded, writer, options);
  const runBytes = PIECES_PER_RUN * options.pieceBytes;
  const runs: Promise<LocatedBlock[]>[] = [];
  const buffers: Buffer[] = [];
  try {
    for (let offset = keptBytes; offset < rawBytes; offset += runBytes) {
      await runs.at(-RUNS_IN_MEMORY); // its buffer is free then
      const buffer = (buffers[runs.length % RUNS_IN_MEMORY] ??= Buffer.allocUnsafeSlow(runBytes));
      const bytes = await decoded.read(offset, Math.min(runBytes, rawBytes - offset), buffer);
      const run = encoder.encode(() => Promise.resolve(inPieces(bytes, options.pieceBytes)), check);
      run.catch(() => undefined); // met when it is awaited
      runs.push(run);
    }
    await decoded.finish();
    for (const run of runs) {
      for (const { file, path, block } of await run) {
        const segment = { file, path, offset: block.fileOffset, length: block.paddedBytes };
        await writer.addBlock(passSegments([segment], options.signal), block);
      }
    }
  } finally {
    await Promise.allSettled(runs);
  }
  await writer.end();
}

function inPieces(bytes: Buffer, pieceBytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return pieces;
}

/** @returns How much of the data was kept, in raw bytes. */
async function keepPrefix(
  { file, path, block }: LocatedBlock,
  decoded: DecodedBlock,
  writer: XzStreamWriter,
  { keepBytes, pieceBytes, signal }: CutOptions,
): Promise<number> {
  const header = await readBlockHeader(file, path, block);
  const [filter, ...others] = header.filters;
  if (filter?.id !== LZMA2 || others.length > 0) return 0;
  const offset = block.fileOffset + header.headerBytes;
  const length = block.unpaddedBytes - header.headerBytes - xzCheckSize(block.check);
  const prefix = await findLzma2Prefix({ file, path, offset, length }, Math.min(keepBytes, block.rawBytes));
  if (prefix.rawBytes < pieceBytes) return 0;

  const check = beginBlockCheck(block.check);
  const buffer = Buffer.allocUnsafeSlow(CHECKED_BYTES);
  for (let at = 0; at < prefix.rawBytes; at += CHECKED_BYTES) {
    check.update(await decoded.read(at, Math.min(CHECKED_BYTES, prefix.rawBytes - at), buffer));
  }
  const dataBytes = prefix.dataBytes + 1;
  const head = renderBlockHeader([filter], dataBytes, prefix.rawBytes);
  const end = Buffer.from([LZMA2_END]);
  const padding = Buffer.alloc(paddedToFour(dataBytes) - dataBytes);
  const digest = check.digest();
  const segments = [
    { bytes: head },
    { file, path, offset, length: prefix.dataBytes },
    { bytes: Buffer.concat([end, padding, digest]) },
  ];
  await writer.addBlock(passSegments(segments, signal), {
    unpaddedBytes: head.length + dataBytes + digest.length,
    rawBytes: prefix.rawBytes,
  });
  return prefix.rawBytes;
}
