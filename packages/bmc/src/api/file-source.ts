import { open } from 'node:fs/promises';
import { BmcError } from '../errors/bmc-error.js';
import type { UploadSource } from './upload-source.js';

/** Large, since each piece is waited for until it has left; small enough to stay in the processor's cache. */
const BUFFER_BYTES = 256 * 1024;

/**
 * A file to upload, read through two buffers in turn: memory stays flat however large it is.
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
  const read = (buffer: Buffer) => {
    const reading = handle.read(buffer, 0, BUFFER_BYTES);
    reading.catch(() => undefined); // its failure is seen when its turn comes, if it does
    return reading;
  };
  let next: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let reading = read(Buffer.allocUnsafeSlow(BUFFER_BYTES));
  for (;;) {
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) return;
    reading = read(next); // while this piece is sent
    next = buffer;
    yield buffer.subarray(0, bytesRead);
  }
}
