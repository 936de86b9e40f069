import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);

const SAMPLES = 4096;
/** Bits of information in a byte, estimated from the sample: random bytes give 7.95, text 5, machine code 6. */
const SUSPICIOUS_BITS = 7.6;
/** What saves less than this is not worth the decoder's time. */
const WORTHWHILE_RATIO = 0.97;

/**
 * Tells whether compressing would hardly make bytes smaller, as of what is compressed or encrypted already: by a sample
 * first, then by a compressor that is ten times faster than LZMA, on another thread.
 */
export async function isIncompressible(bytes: Buffer): Promise<boolean> {
  if (bytes.length < SAMPLES || bitsPerByte(bytes) < SUSPICIOUS_BITS) return false;
  return (await deflate(bytes, { level: 1 })).length > bytes.length * WORTHWHILE_RATIO;
}

function bitsPerByte(bytes: Buffer): number {
  const counts = new Uint32Array(256);
  const step = bytes.length / SAMPLES;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const byte = bytes[Math.floor(sample * step)] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  return counts.reduce(
    (bits, count) => (count === 0 ? bits : bits - (count / SAMPLES) * Math.log2(count / SAMPLES)),
    0,
  );
}
