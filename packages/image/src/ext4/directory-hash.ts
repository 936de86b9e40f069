import { corruption } from './corruption.js';
import type { Superblock } from './superblock.js';

const MD4_INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;
const END_OF_DIRECTORY = 0xfffffffe;
const TEA_DELTA = 0x9e3779b9;

const LEGACY = 0;
const HALF_MD4 = 1;
const TEA = 2;

/**
 * Hash of a name as indexed directories use it (Linux `fs/ext4/hash.c`); the lowest bit is always clear.
 * @param version - 0 legacy, 1 half MD4, 2 TEA, as stored in the index; the superblock says whether bytes are signed.
 */
export function directoryHash(name: Buffer, version: number, superblock: Superblock): number {
  const signed = !superblock.unsignedHash;
  const state = Uint32Array.from(
    superblock.hashSeed.some((word) => word !== 0) ? superblock.hashSeed : MD4_INITIAL,
  );
  let hash: number;
  if (version === LEGACY) hash = legacyHash(name, signed);
  else if (version === HALF_MD4) {
    for (let at = 0; at < name.length; at += 32) halfMd4(state, words(name, at, 8, signed));
    hash = state[1] ?? 0;
  } else if (version === TEA) {
    for (let at = 0; at < name.length; at += 16) tea(state, words(name, at, 4, signed));
    hash = state[0] ?? 0;
  } else throw corruption(`a directory index uses hash version ${version}`);
  hash = (hash & ~1) >>> 0;
  return hash === END_OF_DIRECTORY ? END_OF_DIRECTORY - 2 : hash;
}

/** Packs up to `count` words of the name from `at` on; short input is padded with its remaining length. */
function words(name: Buffer, at: number, count: number, signed: boolean): Uint32Array {
  const remaining = name.length - at;
  const pair = remaining | (remaining << 8);
  const padding = pair | (pair << 16);
  const packed = new Uint32Array(count).fill(padding);
  const length = Math.min(remaining, count * 4);
  let value = padding;
  for (let index = 0; index < length; index++) {
    const byte = signed ? name.readInt8(at + index) : name.readUInt8(at + index);
    value = (byte + (value << 8)) | 0;
    packed[index >>> 2] = value;
    if (index % 4 === 3) value = padding;
  }
  return packed;
}

function legacyHash(name: Buffer, signed: boolean): number {
  let previous = 0x12a3fe2d;
  let beforeThat = 0x37abe8f9;
  for (let index = 0; index < name.length; index++) {
    const byte = signed ? name.readInt8(index) : name.readUInt8(index);
    let hash = (beforeThat + (previous ^ Math.imul(byte, 7152373))) >>> 0;
    if (hash & 0x80000000) hash = (hash - 0x7fffffff) >>> 0;
    beforeThat = previous;
    previous = hash;
  }
  return (previous << 1) >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

type Mix = (x: number, y: number, z: number) => number;

/** The rounds of half MD4: mixing function, constant, shifts, and the order in which the input words are used. */
const ROUNDS: readonly (readonly [Mix, number, readonly number[], readonly number[]])[] = [
  [(x, y, z) => z ^ (x & (y ^ z)), 0, [3, 7, 11, 19], [0, 1, 2, 3, 4, 5, 6, 7]],
  [(x, y, z) => ((x & y) + ((x ^ y) & z)) | 0, 0x5a827999, [3, 5, 9, 13], [1, 3, 5, 7, 0, 2, 4, 6]],
  [(x, y, z) => x ^ y ^ z, 0x6ed9eba1, [3, 9, 11, 15], [3, 7, 2, 6, 1, 5, 0, 4]],
];

function halfMd4(state: Uint32Array, input: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (const [mix, constant, shifts, order] of ROUNDS)
    order.forEach((word, step) => {
      const sum = (a + mix(b, c, d) + (input[word] ?? 0) + constant) | 0;
      // The four registers change roles at every step: a, d, c, b.
      [a, b, c, d] = [d, rotate(sum, shifts[step % 4] ?? 0), b, c];
    });
  [a, b, c, d].forEach((value, index) => (state[index] = ((state[index] ?? 0) + value) | 0));
}

function tea(state: Uint32Array, input: Uint32Array): void {
  let [low = 0, high = 0] = state;
  const [a = 0, b = 0, c = 0, d = 0] = input;
  let sum = 0;
  for (let round = 0; round < 16; round++) {
    sum = (sum + TEA_DELTA) | 0;
    low = (low + ((((high << 4) + a) | 0) ^ ((high + sum) | 0) ^ (((high >>> 5) + b) | 0))) >>> 0;
    high = (high + ((((low << 4) + c) | 0) ^ ((low + sum) | 0) ^ (((low >>> 5) + d) | 0))) >>> 0;
  }
  state[0] = ((state[0] ?? 0) + low) | 0;
  state[1] = ((state[1] ?? 0) + high) | 0;
}
