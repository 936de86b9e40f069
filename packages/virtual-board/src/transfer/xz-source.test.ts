import { createDecipheriv } from 'node:crypto';
import lzma from 'lzma-native';
import { expect, test } from 'vitest';
import type { ByteSource } from './byte-source.js';
import { XzSource } from './xz-source.js';

const LIMIT = 50 * 1024 * 1024;
const RAW = Buffer.concat([noise(300_000), Buffer.alloc(2_000_000)]);

function noise(length: number): Buffer {
  return createDecipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}

async function compress(raw: Buffer, preset: 0 | 9 = 0): Promise<Buffer> {
  const stream = lzma.createStream('easyEncoder', { preset });
  stream.end(raw);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function decode(
  bytes: Buffer,
  limit = LIMIT,
  step = 50_000,
): Promise<{ output: Buffer; error?: string }> {
  let at = 0;
  const source: ByteSource = {
    read: () => {
      const piece = bytes.subarray(at, at + step);
      at += step;
      return Promise.resolve(piece.length > 0 ? piece : undefined);
    },
    close: () => undefined,
  };
  const xz = new XzSource(source, limit);
  const output: Buffer[] = [];
  const { signal } = new AbortController();
  try {
    for (let chunk = await xz.read(signal); chunk; chunk = await xz.read(signal)) output.push(chunk);
    return { output: Buffer.concat(output) };
  } catch (cause) {
    return { output: Buffer.concat(output), error: (cause as Error).message };
  } finally {
    xz.close();
  }
}

test.each([1, 7, 50_000])('streams and padding in pieces of %i bytes', async (step) => {
  const small = await compress(RAW.subarray(0, 3000));
  const joined = Buffer.concat([small, Buffer.alloc(5), small, Buffer.alloc(3)]);
  const { output, error } = await decode(joined, LIMIT, step);
  expect(error).toBeUndefined();
  expect(output).toEqual(Buffer.concat([RAW.subarray(0, 3000), RAW.subarray(0, 3000)]));
});

test('what was decoded before a failure is given out', async () => {
  const packed = await compress(RAW);
  const cut = await decode(packed.subarray(0, -1));
  const garbage = await decode(Buffer.concat([packed, noise(500)]));
  expect([cut.error, garbage.error]).toEqual(['More memory needed', 'stream/file format not recognized']);
  expect([cut.output.equals(RAW), garbage.output.equals(RAW)]).toEqual([true, true]);
});

test('texts of the decoder', async () => {
  expect(await decode(Buffer.alloc(0))).toMatchObject({ error: 'More memory needed' });
  expect(await decode(noise(5000))).toMatchObject({ error: 'stream/file format not recognized' });
  expect(await decode(await compress(RAW, 9))).toMatchObject({ error: 'memory limit reached' });
  const flipped = await compress(RAW);
  flipped.writeUInt8(flipped.readUInt8(150_000) ^ 1, 150_000);
  expect(await decode(flipped)).toMatchObject({ error: 'lzma data error' });
});
