// Finite state entropy and Huffman tables of zstd (RFC 8878, sections 4.1 and 4.2).
import { Corrupt } from './decode-failure.mjs';

/** The place of the highest set bit, counted from 0. */
export const highestBit = (value) => 31 - Math.clz32(value);

const MAX_HUFFMAN_BITS = 11;
const MAX_WEIGHTS_LOG = 6;

/**
 * A bit stream that is read from its end to its beginning; its last byte ends with a mark.
 *
 * The bytes must be followed by three more, whatever they are.
 */
export class BackwardBits {
  constructor(bytes, start, end) {
    const last = end > start ? bytes[end - 1] : 0;
    if (last === 0) throw new Corrupt('a bit stream has no end');
    this.bytes = bytes;
    this.start = start;
    /** Bits that are left; negative when more were read than there are. */
    this.left = (end - start - 1) * 8 + highestBit(last);
  }

  /** The next bits as a number, at most 24; zeros where there are none any more. */
  read(count) {
    this.left -= count;
    return this.#at(this.left, count);
  }

  peek(count) {
    return this.#at(this.left - count, count);
  }

  #at(place, count) {
    const { bytes, start } = this;
    if (place < 0) {
      if (place <= -count) return 0;
      const value = (bytes[start] | (bytes[start + 1] << 8)) & ((1 << (count + place)) - 1);
      return count + place > 16 ? this.#slowly(place, count) : value << -place;
    }
    const at = start + (place >>> 3);
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    return (word >>> (place & 7)) & ((1 << count) - 1);
  }

  #slowly(place, count) {
    let value = 0;
    for (let bit = count - 1; bit >= 0; bit--) {
      const from = place + bit;
      value = (value << 1) | (from < 0 ? 0 : (this.bytes[this.start + (from >>> 3)] >>> (from & 7)) & 1);
    }
    return value;
  }
}

/** States of one finite state machine: each has a symbol, and says what the next one is made of. */
export class StateTable {
  /** @param counts - how often each symbol is; -1 stands for less than once. */
  constructor(counts, log) {
    const size = 1 << log;
    this.log = log;
    this.symbols = new Uint8Array(size);
    this.bits = new Uint8Array(size);
    this.bases = new Uint16Array(size);
    const next = Uint16Array.from(counts, (count) => (count < 0 ? 1 : count));
    let high = size;
    counts.forEach((count, symbol) => {
      if (count === -1) this.symbols[--high] = symbol;
    });
    const step = (size >> 1) + (size >> 3) + 3;
    let place = 0;
    counts.forEach((count, symbol) => {
      for (let left = count; left > 0; left--) {
        this.symbols[place] = symbol;
        do place = (place + step) & (size - 1);
        while (place >= high);
      }
    });
    for (let state = 0; state < size; state++) {
      const value = next[this.symbols[state]]++;
      const bits = log - highestBit(value);
      this.bits[state] = bits;
      this.bases[state] = (value << bits) - size;
    }
  }

  /** A table of one state: every symbol is the same. */
  static ofOne(symbol) {
    const table = new StateTable([1], 0);
    table.symbols[0] = symbol;
    return table;
  }

  /** Reads a description. @returns the table, and where it ends. */
  static read(bytes, start, end, { maxLog, maxSymbol }) {
    let place = start * 8;
    const peek = (count) => {
      const at = place >>> 3;
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      return (word >>> (place & 7)) & ((1 << count) - 1);
    };
    const log = peek(4) + 5;
    place += 4;
    if (log > maxLog) throw new Corrupt('a table is too large');
    const counts = [];
    let left = (1 << log) + 1;
    let threshold = 1 << log;
    let width = log + 1;
    while (left > 1) {
      if (place > end * 8 || counts.length > maxSymbol) throw new Corrupt('a table is damaged');
      const short = 2 * threshold - 1 - left;
      let value = peek(width - 1);
      if (value < short) place += width - 1;
      else {
        value = peek(width);
        if (value >= threshold) value -= short;
        place += width;
      }
      const count = value - 1;
      left -= Math.abs(count);
      counts.push(count);
      if (count === 0) {
        for (let more = 3; more === 3;) {
          more = peek(2);
          place += 2;
          for (let zero = 0; zero < more; zero++) counts.push(0);
          if (counts.length > maxSymbol + 1 || place > end * 8) throw new Corrupt('a table is damaged');
        }
      }
      while (left < threshold && threshold > 1) {
        width--;
        threshold >>= 1;
      }
    }
    const next = (place + 7) >>> 3;
    if (left !== 1 || next > end) throw new Corrupt('a table is damaged');
    return { table: new StateTable(counts, log), next };
  }
}

/** Codes of literals, found by the next bits. */
export class HuffmanCodes {
  constructor(weights) {
    let total = 0;
    for (const weight of weights) total += weight === 0 ? 0 : 1 << (weight - 1);
    if (total === 0) throw new Corrupt('a code has no symbols');
    const bits = highestBit(total) + 1;
    const rest = (1 << bits) - total;
    if (bits > MAX_HUFFMAN_BITS || (rest & (rest - 1)) !== 0)
      throw new Corrupt('a code does not come out even');
    const all = [...weights, highestBit(rest) + 1];
    this.bits = bits;
    /** Symbol and length of the code that begins with these bits: symbol * 16 + length. */
    this.entries = new Uint16Array(1 << bits);
    let place = 0;
    for (let weight = 1; weight <= bits; weight++) {
      all.forEach((other, symbol) => {
        if (other !== weight) return;
        this.entries.fill(symbol * 16 + bits + 1 - weight, place, place + (1 << (weight - 1)));
        place += 1 << (weight - 1);
      });
    }
  }

  /** Reads a description. @returns the codes, and where it ends. */
  static read(bytes, start, end) {
    if (start >= end) throw new Corrupt('a code is missing');
    const header = bytes[start];
    const weights = [];
    if (header >= 128) {
      const count = header - 127;
      const next = start + 1 + ((count + 1) >> 1);
      if (next > end) throw new Corrupt('a code is cut off');
      for (let index = 0; index < count; index++) {
        const pair = bytes[start + 1 + (index >> 1)];
        weights.push(index % 2 === 0 ? pair >> 4 : pair & 15);
      }
      return { codes: new HuffmanCodes(weights), next };
    }
    const next = start + 1 + header;
    if (next > end) throw new Corrupt('a code is cut off');
    const limits = { maxLog: MAX_WEIGHTS_LOG, maxSymbol: 255 };
    const { table, next: from } = StateTable.read(bytes, start + 1, next, limits);
    const stream = new BackwardBits(bytes, from, next);
    const states = [stream.read(table.log), stream.read(table.log)];
    for (let turn = 0; ; turn = 1 - turn) {
      weights.push(table.symbols[states[turn]]);
      if (weights.length > 255) throw new Corrupt('a code has too many symbols');
      const width = table.bits[states[turn]];
      if (stream.left < width) {
        weights.push(table.symbols[states[1 - turn]]);
        return { codes: new HuffmanCodes(weights), next };
      }
      states[turn] = table.bases[states[turn]] + stream.read(width);
    }
  }

  /** Decodes one stream into `target` from `from` to `to`. */
  decode(bytes, start, end, target, from, to) {
    const stream = new BackwardBits(bytes, start, end);
    const { bits, entries } = this;
    for (let at = from; at < to; at++) {
      const entry = entries[stream.peek(bits)];
      stream.left -= entry & 15;
      target[at] = entry >>> 4;
    }
    if (stream.left !== 0) throw new Corrupt('a stream of literals is not as long as it says');
  }
}
