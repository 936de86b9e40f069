// Decodes zstd (RFC 8878), frame by frame and block by block, in bounded memory.
//
// JavaScript, because it runs in the worker: see decode-worker.mjs.
import { Corrupt, Unsupported } from './decode-failure.mjs';
import { History } from './zstd-history.mjs';
import { BackwardBits, HuffmanCodes, StateTable } from './zstd-tables.mjs';

const FRAME = 0xfd2fb528;
const MAX_BLOCK_BYTES = 128 * 1024;
/** The largest window that any version of zstd makes: `--long=31`. */
const MAX_WINDOW_BYTES = 2 ** 31;
/** Readers of bits look at so many bytes behind what they read. */
const SLACK_BYTES = 8;

const LITERAL_LENGTHS = codesOf(
  Array.from({ length: 16 }, () => 0).concat([
    1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  ]),
  0,
);
const MATCH_LENGTHS = codesOf(
  Array.from({ length: 32 }, () => 0).concat([
    1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  ]),
  3,
);
const MAX_OFFSET_CODE = 31;

/** What the tables of sequences are when a block does not say (RFC 8878, 3.1.1.3.2.2). */
const DEFAULTS = {
  literals: new StateTable(
    [
      4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1,
      -1, -1,
    ],
    6,
  ),
  offsets: new StateTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    5,
  ),
  matches: new StateTable(
    [
      1,
      4,
      3,
      2,
      2,
      2,
      2,
      2,
      2,
      ...Array.from({ length: 37 }, () => 1),
      ...Array.from({ length: 7 }, () => -1),
    ],
    6,
  ),
};
const LIMITS = {
  literals: { maxLog: 9, maxSymbol: 35 },
  offsets: { maxLog: 8, maxSymbol: MAX_OFFSET_CODE },
  matches: { maxLog: 9, maxSymbol: 52 },
};

/** Lengths by their codes: where each begins, and how many bits say how much more. */
function codesOf(bits, first) {
  let base = first;
  const bases = bits.map((width) => {
    const at = base;
    base += 1 << width;
    return at;
  });
  return { bases: Uint32Array.from(bases), bits: Uint8Array.from(bits) };
}

/**
 * Decodes all frames of a file.
 *
 * @param file - `length`, and `take(position, count)` that gives exactly so many bytes.
 * @param host - `emit(bytes)` takes output, which it must copy; `hash()` begins an XXH64; `openFar()` opens a file for what
 * a long window has beyond the memory: `write(bytes, position, length)` and `read(target, position, length)` of a ring.
 */
export function decodeZstd(file, host) {
  for (let position = 0; position < file.length;) {
    const magic = file.take(position, 4).readUInt32LE();
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) position += 8 + file.take(position + 4, 4).readUInt32LE();
    else if (magic === FRAME) position = decodeFrame(file, position + 4, host);
    else if (magic >= 0xfd2fb522 && magic < FRAME)
      throw new Unsupported('it was made by a zstd before version 0.8');
    else throw new Corrupt('something that is not zstd follows');
  }
}

function decodeFrame(file, start, host) {
  const { window, size, hasChecksum, next } = readFrameHeader(file, start);
  const frame = new Frame(new History(Math.min(window, size ?? window), host.openFar), window);
  const hash = host.hash();
  let position = next;
  for (let last = false; !last;) {
    const header = file.take(position, 3).readUIntLE(0, 3);
    last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const length = header >> 3;
    if (type === 3 || length > frame.maxBlockBytes) throw new Corrupt('a block is damaged');
    const stored = type === 1 ? 1 : length;
    const bytes = file.take(position + 3, stored);
    position += 3 + stored;
    const block = type === 0 ? bytes : type === 1 ? frame.repeat(bytes[0], length) : frame.decode(bytes);
    frame.history.append(block);
    hash.update(block);
    host.emit(block);
    if (size !== undefined && frame.history.length > size) throw new Corrupt('it is longer than it says');
  }
  if (size !== undefined && frame.history.length !== size) throw new Corrupt('it is not as long as it says');
  if (!hasChecksum) return position;
  if (Number(hash.digest() & 0xffffffffn) !== file.take(position, 4).readUInt32LE())
    throw new Corrupt('its checksum is wrong');
  return position + 4;
}

function readFrameHeader(file, start) {
  const descriptor = file.take(start, 1)[0];
  if (descriptor & 8) throw new Unsupported('it uses a zstd format that is not known');
  if (descriptor & 3) throw new Unsupported('it was made with a zstd dictionary, which is not in it');
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const sizeAt = start + 1 + (singleSegment ? 0 : 1);
  const size = sizeBytes === 0 ? undefined : readSize(file.take(sizeAt, sizeBytes));
  const window = singleSegment ? size : windowOf(file.take(start + 1, 1)[0]);
  // One segment may be of any size, and nobody refers back farther than this.
  if (!singleSegment && window > MAX_WINDOW_BYTES)
    throw new Unsupported('its window is larger than that of `zstd --long=31`');
  return {
    window: Math.min(window, MAX_WINDOW_BYTES),
    size,
    hasChecksum: (descriptor & 4) !== 0,
    next: sizeAt + sizeBytes,
  };
}

function readSize(bytes) {
  if (bytes.length < 8) return bytes.readUIntLE(0, bytes.length) + (bytes.length === 2 ? 256 : 0);
  const size = bytes.readBigUInt64LE();
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Corrupt('its size makes no sense');
  return Number(size);
}

function windowOf(byte) {
  return 2 ** (10 + (byte >> 3)) * (1 + (byte & 7) / 8);
}

/** What a frame carries from block to block. */
class Frame {
  #literals = new Uint8Array(MAX_BLOCK_BYTES);
  #output = new Uint8Array(MAX_BLOCK_BYTES);
  #input = new Uint8Array(MAX_BLOCK_BYTES + SLACK_BYTES);
  #codes;
  #tables = {};
  #recent = [1, 4, 8];

  constructor(history, window) {
    this.history = history;
    this.maxBlockBytes = Math.min(window, MAX_BLOCK_BYTES);
  }

  repeat(byte, length) {
    return this.#output.fill(byte, 0, length).subarray(0, length);
  }

  /** Decodes a compressed block. */
  decode(bytes) {
    const input = this.#input;
    input.set(bytes);
    input.fill(0, bytes.length, bytes.length + SLACK_BYTES);
    const end = bytes.length;
    const { next, count: literalCount } = this.#readLiterals(input, end);
    let at = next;
    if (at >= end) throw new Corrupt('a block has no sequences');
    let count = input[at++];
    if (count === 255) {
      count = (input[at] | (input[at + 1] << 8)) + 0x7f00;
      at += 2;
    } else if (count > 127) count = ((count - 128) << 8) | input[at++];
    if (count === 0) {
      if (at !== end) throw new Corrupt('a block is longer than its content');
      this.#output.set(this.#literals.subarray(0, literalCount));
      return this.#output.subarray(0, literalCount);
    }
    const modes = input[at++];
    if (modes & 3) throw new Corrupt('a block uses what is not known');
    at = this.#readTable('literals', modes >> 6, input, at, end);
    at = this.#readTable('offsets', (modes >> 4) & 3, input, at, end);
    at = this.#readTable('matches', (modes >> 2) & 3, input, at, end);
    const length = this.#execute(new BackwardBits(input, at, end), count, literalCount);
    return this.#output.subarray(0, length);
  }

  /** Reads the section of literals (RFC 8878, 3.1.1.3.1). */
  #readLiterals(input, end) {
    const type = input[0] & 3;
    const format = (input[0] >> 2) & 3;
    const header = input[0] | (input[1] << 8) | (input[2] << 16) | (input[3] << 24);
    if (type < 2) {
      const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      const count =
        headerBytes === 1 ? input[0] >> 3 : (header >>> 4) & (headerBytes === 2 ? 0xfff : 0xfffff);
      const next = headerBytes + (type === 0 ? count : 1);
      if (count > this.maxBlockBytes || next > end) throw new Corrupt('the literals of a block are cut off');
      if (type === 0) this.#literals.set(input.subarray(headerBytes, next));
      else this.#literals.fill(input[headerBytes], 0, count);
      return { next, count };
    }
    const headerBytes = format < 2 ? 3 : format + 2;
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const mask = (1 << width) - 1;
    const count = (header >>> 4) & mask;
    const packed =
      width === 18 ? ((header >>> 22) | (input[4] << 10)) & mask : (header >>> (4 + width)) & mask;
    const next = headerBytes + packed;
    if (count > this.maxBlockBytes || next > end) throw new Corrupt('the literals of a block are cut off');
    let from = headerBytes;
    if (type === 2) {
      const read = HuffmanCodes.read(input, from, next);
      this.#codes = read.codes;
      from = read.next;
    }
    if (!this.#codes) throw new Corrupt('a block has no codes for its literals');
    if (format === 0) this.#codes.decode(input, from, next, this.#literals, 0, count);
    else this.#decodeFour(input, from, next, count);
    return { next, count };
  }

  #decodeFour(input, start, end, count) {
    const part = (count + 3) >> 2;
    let from = start + 6;
    if (from > end || part * 3 > count) throw new Corrupt('the literals of a block are cut off');
    for (let stream = 0; stream < 4; stream++) {
      const at = start + stream * 2;
      const to = stream === 3 ? end : from + (input[at] | (input[at + 1] << 8));
      if (to > end) throw new Corrupt('the literals of a block are cut off');
      const last = stream === 3 ? count : part * (stream + 1);
      this.#codes.decode(input, from, to, this.#literals, part * stream, last);
      from = to;
    }
  }

  /** Reads the table of one kind of codes; @returns where it ends. */
  #readTable(kind, mode, input, at, end) {
    if (mode === 0) this.#tables[kind] = DEFAULTS[kind];
    if (mode === 1) {
      if (at >= end || input[at] > LIMITS[kind].maxSymbol)
        throw new Corrupt('a block has a code that means nothing');
      this.#tables[kind] = StateTable.ofOne(input[at]);
      return at + 1;
    }
    if (mode === 2) {
      const { table, next } = StateTable.read(input, at, end, LIMITS[kind]);
      this.#tables[kind] = table;
      return next;
    }
    if (!this.#tables[kind]) throw new Corrupt('a block uses a table that there is not');
    return at;
  }

  /** Puts the block together of literals and of what came before. @returns its length. */
  #execute(bits, count, literalCount) {
    const { literals: lengths, offsets, matches } = this.#tables;
    const output = this.#output;
    const literals = this.#literals;
    let lengthState = bits.read(lengths.log);
    let offsetState = bits.read(offsets.log);
    let matchState = bits.read(matches.log);
    let taken = 0;
    let at = 0;
    for (let left = count; left > 0; left--) {
      const offsetCode = offsets.symbols[offsetState];
      const matchCode = matches.symbols[matchState];
      const lengthCode = lengths.symbols[lengthState];
      const value = readOffset(bits, offsetCode);
      const match = MATCH_LENGTHS.bases[matchCode] + bits.read(MATCH_LENGTHS.bits[matchCode]);
      const length = LITERAL_LENGTHS.bases[lengthCode] + bits.read(LITERAL_LENGTHS.bits[lengthCode]);
      const offset = this.#offsetOf(value, length === 0);
      if (left > 1) {
        lengthState = lengths.bases[lengthState] + bits.read(lengths.bits[lengthState]);
        matchState = matches.bases[matchState] + bits.read(matches.bits[matchState]);
        offsetState = offsets.bases[offsetState] + bits.read(offsets.bits[offsetState]);
      }
      if (taken + length > literalCount || at + length + match > this.maxBlockBytes || bits.left < 0)
        throw new Corrupt('a block is damaged');
      for (let index = 0; index < length; index++) output[at + index] = literals[taken + index];
      taken += length;
      at += length;
      this.#copyMatch(offset, match, at);
      at += match;
    }
    const rest = literalCount - taken;
    if (bits.left !== 0 || at + rest > this.maxBlockBytes) throw new Corrupt('a block is damaged');
    output.set(literals.subarray(taken, literalCount), at);
    return at + rest;
  }

  #copyMatch(offset, length, at) {
    const output = this.#output;
    const before = Math.min(Math.max(0, offset - at), length);
    if (before > 0) this.history.copy(offset - at, before, output, at);
    for (let index = before; index < length; index++) output[at + index] = output[at + index - offset];
  }

  /** What an offset means: the three used last have numbers of their own. */
  #offsetOf(value, withoutLiterals) {
    const recent = this.#recent;
    if (value > 3) {
      this.#recent = [value - 3, recent[0], recent[1]];
      return value - 3;
    }
    const which = value - (withoutLiterals ? 0 : 1);
    if (which === 0) return recent[0];
    const offset = which === 3 ? recent[0] - 1 : recent[which];
    if (offset === 0) throw new Corrupt('a reference goes nowhere');
    this.#recent = which === 1 ? [offset, recent[0], recent[2]] : [offset, recent[0], recent[1]];
    return offset;
  }
}

/** Up to 31 bits, which are read in two parts. */
function readOffset(bits, code) {
  if (code <= 24) return 2 ** code + bits.read(code);
  const high = bits.read(code - 16);
  return 2 ** code + high * 0x10000 + bits.read(16);
}
