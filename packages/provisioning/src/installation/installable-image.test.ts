import { PassThrough } from 'node:stream';
import type { CustomizedImage } from '@turingpi/core/plugin';
import type { ImageStream } from '@turingpi/foundation';
import { expect, it } from 'vitest';
import { installableImage } from './installable-image.js';

const DIGEST = 'a'.repeat(64);
const record: CustomizedImage = {
  ...{ path: '/cache/node1.img.xz', format: 'xz', sizeBytes: 1, sha256: DIGEST, rawSizeBytes: 2 },
  ...{ os: 'ubuntu', hostname: 'node1', hostKeys: [] },
};
const { signal } = new AbortController();

function streamOf(format: 'xz' | 'raw', sha256: string): ImageStream {
  const stream = new PassThrough();
  return { stream, format, lengthBytes: 1, sha256, rawSizeBytes: 2, dictionaryBytes: undefined };
}

it.each([
  ['the file that phase 1 has on record', 'xz', DIGEST, record],
  ['what is in it, with a recorded digest', 'raw', DIGEST, { ...record, rawSha256: DIGEST }],
  ['what is in it, without one', 'raw', 'b'.repeat(64), record],
] as const)('opens %s', async (_what, format, found, image) => {
  const opened = streamOf(format, found);
  expect(await installableImage(image, async () => opened).open(format, signal)).toBe(opened);
});

it.each([
  ['the file', 'xz', record],
  ['what is in it', 'raw', { ...record, rawSha256: DIGEST }],
] as const)(
  'refuses to install anything when %s is another one than on record',
  async (_what, format, image) => {
    const opened = streamOf(format, 'b'.repeat(64));
    const opening = installableImage(image, async () => opened).open(format, signal);
    await expect(opening).rejects.toMatchObject({
      code: 'IMAGE_CHECKSUM',
      message: expect.stringContaining('/cache/node1.img.xz') as string,
    });
    expect(opened.stream).toMatchObject({ destroyed: true });
  },
);

it('is given as a file that is what the record says, made again when it is not', async () => {
  const digests = new Map([
    [record.path, 'b'.repeat(64)],
    ['/cache/again.img.xz', DIGEST],
  ]);
  const digest = async (path: string): Promise<string> => digests.get(path) ?? '';
  const never = () => Promise.reject(new Error('it is not opened as a stream'));
  await expect(installableImage(record, never, undefined, digest).file?.(signal)).rejects.toMatchObject({
    code: 'IMAGE_CHECKSUM',
  });
  const remake = async (): Promise<CustomizedImage> => ({ ...record, path: '/cache/again.img.xz' });
  expect(await installableImage(record, never, remake, digest).file?.(signal)).toBe('/cache/again.img.xz');
  digests.set(record.path, DIGEST);
  expect(await installableImage(record, never, remake, digest).file?.(signal)).toBe(record.path);
});
