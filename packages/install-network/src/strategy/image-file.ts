import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CleanupStack } from '@turingpi/foundation';
import type { InstallationRequest } from '@turingpi/provisioning';

/**
 * The image as a file that can be read at random: its own, or a copy where there is only a stream.
 *
 * @param cleanup - removes the copy
 * @throws What opening the image throws; the reason of the signal.
 */
export async function imageFile(
  { image, signal }: Pick<InstallationRequest, 'image' | 'signal'>,
  cacheDir: string,
  cleanup: CleanupStack,
): Promise<string> {
  if (image.file !== undefined) return await image.file(signal);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(cacheDir, 'served-'));
  cleanup.defer('copy of the image', () => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'image.img');
  const { stream } = await image.open('raw', signal);
  stream.on('error', () => undefined); // told by the pipeline, once it runs
  await pipeline(stream, createWriteStream(path, { mode: 0o600 }), { signal });
  return path;
}
