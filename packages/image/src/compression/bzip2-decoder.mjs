// Decodes bzip2 (the format as its decoder defines it: bzip2 1.0.8), block by block.
//
// JavaScript, because it runs in the worker: see decode-worker.mjs. Memory is that of one block, at most 3.6 MB, and of
// one chunk of output, however far a block expands.
import { Corrupt, Unsupported } from './decode-failure.mjs';

const OUTPUT_BYTES = 64 * 1024;
const BLOCK_UNIT = 100_000;
const MAX_CODE_BITS = 20;
/** Codes up to this long are found by one look into a table. */
const FAST_BITS = 10;
/** A table of codes is good for so many symbols. */
const GROUP_SYMBOLS = 50;
/** More selectors than a block of 900 000 symbols needs are allowed and not kept, as bzip2 1.0.8 does. */
const MAX_SELECTORS = 18_002;
const RUN_A = 0;
const RUN_B = 1;

const CRC_TABLE = new Uint32Array(256).map((_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Bits of a sequence of chunks, the highest of a byte first. */
class BitReader {
  #next;
  #chunk = new Uint8Array(0);
  #position = 0;
  #held = 0;
  #count = 0;

  /** @param next - gives the next chunk; undefined at the end. */
  constructor(next) {
    this.#next = next;
  }

  /** The next bits as a number, 1 to 24 of them. */
  read(count) {
    const value = this.peek(count);
    this.#count -= count;
    return value;
  }

  /** As {@link read}, but they stay. */
  peek(count) {
    while (this.#count < count) this.#fill();
    return (this.#held >>> (this.#count - count)) & ((1 << count) - 1);
  }

  /** Skips bits that were peeked at. */
  skip(count) {
    this.#count -= count;
  }

  read32() {
    return this.read(16) * 0x10000 + this.read(16);
  }

  /** Skips what is left of a byte. */
  align() {
    this.#count -= this.#count % 8;
  }

  /** Whether nothing follows; at a byte's edge. */
  isAtEnd() {
    return this.#count === 0 && !this.#more();
  }

  #more() {
    while (this.#position === this.#chunk.length) {
      const chunk = this.#next();
      if (chunk === undefined) return false;
      this.#chunk = chunk;
      this.#position = 0;
    }
    return true;
  }

  #fill() {
    if (!this.#more()) throw new Corrupt('the file is cut off');
    this.#held = (this.#held << 8) | this.#chunk[this.#position++];
    this.#count += 8;
  }
}

/** Collects output, and passes it on in chunks. */
class Output {
  #buffer = new Uint8Array(OUTPUT_BYTES);
  #length = 0;
  #emit;

  constructor(emit) {
    this.#emit = emit;
  }

  /** Puts a byte some times, and carries the checksum on. */
  put(byte, times, crc) {
    let sum = crc;
    for (let left = times; left > 0; left--) {
      this.#buffer[this.#length++] = byte;
      sum = (sum << 8) ^ CRC_TABLE[(sum >>> 24) ^ byte];
      if (this.#length === OUTPUT_BYTES) this.flush();
    }
    return sum;
  }

  flush() {
    this.#emit(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}

/** One table of codes, made of the codes' lengths: canonical, as in the format. */
class HuffmanTable {
  #fast = new Uint16Array(1 << FAST_BITS); // symbol * 16 + length; 0: longer, or none
  #symbols;
  #first = new Int32Array(MAX_CODE_BITS + 1);
  #offset = new Int32Array(MAX_CODE_BITS + 1);
  #count = new Int32Array(MAX_CODE_BITS + 1);

  constructor(lengths) {
    for (const length of lengths) this.#count[length]++;
    let code = 0;
    let offset = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      this.#first[length] = code;
      this.#offset[length] = offset;
      offset += this.#count[length];
      code = (code + this.#count[length]) << 1;
    }
    this.#symbols = new Uint16Array(lengths.length);
    const used = new Int32Array(MAX_CODE_BITS + 1);
    lengths.forEach((length, symbol) => {
      const index = used[length]++;
      this.#symbols[this.#offset[length] + index] = symbol;
      if (length > FAST_BITS) return;
      const from = (this.#first[length] + index) << (FAST_BITS - length);
      this.#fast.fill(symbol * 16 + length, from, from + (1 << (FAST_BITS - length)));
    });
  }

  /** The next symbol. A block is followed by more bits than the longest code has. */
  read(bits) {
    const ahead = bits.peek(MAX_CODE_BITS);
    const fast = this.#fast[ahead >>> (MAX_CODE_BITS - FAST_BITS)];
    if (fast !== 0) {
      bits.skip(fast & 15);
      return fast >>> 4;
    }
    for (let length = FAST_BITS + 1; length <= MAX_CODE_BITS; length++) {
      const index = (ahead >>> (MAX_CODE_BITS - length)) - this.#first[length];
      if (index < 0 || index >= this.#count[length]) continue;
      bits.skip(length);
      return this.#symbols[this.#offset[length] + index];
    }
    throw new Corrupt('a block has a code that means nothing');
  }
}

/**
 * Decodes one or more streams that lie one behind the other.
 *
 * @param next - Gives the next chunk of the file; undefined at its end.
 * @param emit - Takes output, which it must copy.
 */
export function decodeBzip2(next, emit) {
  const bits = new BitReader(next);
  const output = new Output(emit);
  let block = new Uint32Array(0);
  do {
    if (bits.read(24) !== 0x425a68) throw new Corrupt('something that is not bzip2 follows');
    const level = bits.read(8) - 0x30;
    if (level < 1 || level > 9) throw new Corrupt('the size of its blocks makes no sense');
    if (block.length < level * BLOCK_UNIT) block = new Uint32Array(level * BLOCK_UNIT);
    decodeStream(bits, block.subarray(0, level * BLOCK_UNIT), output);
    output.flush();
    bits.align();
  } while (!bits.isAtEnd());
}

function decodeStream(bits, block, output) {
  let combined = 0;
  for (;;) {
    const magic = bits.read(24) * 0x1000000 + bits.read(24);
    const stated = bits.read32();
    if (magic === 0x177245385090) {
      if (stated !== combined) throw new Corrupt('its checksum is wrong');
      return;
    }
    if (magic !== 0x314159265359) throw new Corrupt('a block is missing');
    const crc = decodeBlock(bits, block, output);
    if (crc !== stated) throw new Corrupt('the checksum of a block is wrong');
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
  }
}

function decodeBlock(bits, block, output) {
  if (bits.read(1)) throw new Unsupported('it was made by bzip2 before version 0.9.5');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const length = decodeSymbols(bits, block, alphabet);
  if (origin >= length) throw new Corrupt('a block begins outside of itself');
  invert(block, length);
  return writeRuns(block, length, origin, output);
}

/** The bytes that occur in a block. */
function readAlphabet(bits) {
  const groups = bits.read(16);
  const alphabet = [];
  for (let group = 0; group < 16; group++) {
    if (!((groups >>> (15 - group)) & 1)) continue;
    const members = bits.read(16);
    for (let member = 0; member < 16; member++)
      if ((members >>> (15 - member)) & 1) alphabet.push(group * 16 + member);
  }
  if (alphabet.length === 0) throw new Corrupt('a block has no bytes');
  return Uint8Array.from(alphabet);
}

function readTables(bits, symbolCount) {
  const tableCount = bits.read(3);
  if (tableCount < 2 || tableCount > 6) throw new Corrupt('a block has no tables');
  const selectorCount = bits.read(15);
  if (selectorCount === 0) throw new Corrupt('a block does not say which tables it uses');
  const recent = Uint8Array.from({ length: tableCount }, (_, index) => index);
  const selectors = new Uint8Array(Math.min(selectorCount, MAX_SELECTORS));
  for (let index = 0; index < selectorCount; index++) {
    let place = 0;
    while (bits.read(1)) if (++place >= tableCount) throw new Corrupt('a block uses a table that it has not');
    const table = recent[place];
    recent.copyWithin(1, 0, place);
    recent[0] = table;
    if (index < MAX_SELECTORS) selectors[index] = table;
  }
  const tables = Array.from({ length: tableCount }, () => {
    let length = bits.read(5);
    const lengths = new Uint8Array(symbolCount).map(() => {
      for (;;) {
        if (length < 1 || length > MAX_CODE_BITS) throw new Corrupt('a code has no length that can be');
        if (!bits.read(1)) return length;
        length += bits.read(1) ? -1 : 1;
      }
    });
    return new HuffmanTable(lengths);
  });
  return { tables, selectors };
}

/** Undoes the codes, the runs and the move to the front. @returns how many bytes the block has. */
function decodeSymbols(bits, block, alphabet) {
  const endOfBlock = alphabet.length + 1;
  const { tables, selectors } = readTables(bits, alphabet.length + 2);
  const recent = alphabet; // the one used last is first
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let group = 0; ; group++) {
    if (group >= selectors.length) throw new Corrupt('a block does not end');
    const table = tables[selectors[group]];
    for (let left = GROUP_SYMBOLS; left > 0; left--) {
      const symbol = table.read(bits);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += weight << symbol;
        weight <<= 1;
        if (run > block.length) throw new Corrupt('a block is too long');
        continue;
      }
      if (run > 0) {
        if (length + run > block.length) throw new Corrupt('a block is too long');
        block.fill(recent[0], length, length + run);
        length += run;
        run = 0;
        weight = 1;
      }
      if (symbol === endOfBlock) return length;
      if (length === block.length) throw new Corrupt('a block is too long');
      const byte = recent[symbol - 1];
      for (let place = symbol - 1; place > 0; place--) recent[place] = recent[place - 1];
      recent[0] = byte;
      block[length++] = byte;
    }
  }
}

/** Writes above every byte where the next one is: the inverse of the sort of Burrows and Wheeler. */
function invert(block, length) {
  const next = new Uint32Array(256);
  for (let index = 0; index < length; index++) next[block[index] & 0xff]++;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = next[byte];
    next[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index++) block[next[block[index] & 0xff]++] |= index << 8;
}

/** Writes a block's bytes; behind four equal ones stands how many more there are. @returns their checksum. */
function writeRuns(block, length, origin, output) {
  let crc = -1;
  let place = block[origin] >>> 8;
  let equal = 0;
  let last = -1;
  for (let left = length; left > 0; left--) {
    const entry = block[place];
    const byte = entry & 0xff;
    place = entry >>> 8;
    if (equal === 4) {
      crc = output.put(last, byte, crc);
      equal = 0;
      last = -1;
      continue;
    }
    equal = byte === last ? equal + 1 : 1;
    last = byte;
    crc = output.put(byte, 1, crc);
  }
  return ~crc >>> 0;
}
