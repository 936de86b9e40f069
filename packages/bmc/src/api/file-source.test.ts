import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileSource } from './file-source.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'file-source-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('fileSource', () => {
  test.each([0, 1, 256 * 1024, 1024 * 1024 + 17])('gives the %i bytes of a file', async (length) => {
    const bytes = randomBytes(length);
    const file = path.join(dir, 'image');
    await writeFile(file, bytes);
    const { stream, lengthBytes } = await fileSource(file);
    const pieces: Buffer[] = [];
    for await (const piece of stream) {
      await new Promise((resolve) => setImmediate(resolve)); // a piece stays as it is until the next is asked for
      pieces.push(Buffer.from(piece as Uint8Array));
    }
    expect(lengthBytes).toBe(length);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  test('a file that cannot be read is named', async () => {
    const file = path.join(dir, 'none');
    await expect(fileSource(file)).rejects.toMatchObject({
      code: 'BMC_FLASH_IMAGE_UNUSABLE',
      message: expect.stringContaining(file) as string,
    });
  });
});
