import { open } from 'node:fs/promises';
import { BmcError } from '../errors/bmc-error.js';
import type { UploadSource } from './upload-body.js';

/** Large, since each piece is waited for until it has left; small against what the process has anyway. */
const BUFFER_BYTES = 512 * 1024;

/**
 * A file to upload, read through one buffer: memory stays flat however large it is.
 *
 * @throws BmcError BMC_FLASH_IMAGE_UNUSABLE when it is no readable file
 */
export async function fileSource(file: string): Promise<UploadSource> {
  try {
    await using handle = await open(file, 'r');
    return { stream: chunksOf(file), lengthBytes: (await handle.stat()).size };
  } catch (cause) {
    throw new BmcError('BMC_FLASH_IMAGE_UNUSABLE', `cannot read ${file}`, { cause });
  }
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  await using handle = await open(file, 'r');
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, BUFFER_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
