import { EmmcError, type EmmcDevice } from '../hardware/emmc-file.js';
import type { ByteSource } from './byte-source.js';
import { Crc64 } from './crc64.js';
import { TransferError } from './transfer-error.js';

const BLOCK = 512 * 1024;

/** What was written: how much, and its checksum. */
export interface WrittenImage {
  readonly bytes: number;
  readonly crc: bigint;
}

/**
 * Copies a source to an eMMC through 512 KiB blocks.
 *
 * @param onProgress - Called with the bytes written so far.
 * @throws TransferError, or the signal's reason. What came before a failed source or decoder is written.
 */
export async function writeImage(
  source: ByteSource,
  device: EmmcDevice,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<WrittenImage> {
  const crc = new Crc64();
  let bytes = 0;
  let block: Buffer[] = [];
  let blockBytes = 0;
  const flush = async (): Promise<void> => {
    const data = block.length === 1 && block[0] ? block[0] : Buffer.concat(block);
    [block, blockBytes] = [[], 0];
    if (data.length === 0) return;
    crc.update(data);
    await writeTo(device, data, signal);
    bytes += data.length;
    onProgress(bytes);
  };
  for (;;) {
    let chunk: Buffer | undefined;
    try {
      chunk = await source.read(signal);
    } catch (cause) {
      if (cause instanceof TransferError) await flush();
      throw cause;
    }
    signal.throwIfAborted();
    if (!chunk) break;
    block.push(chunk);
    blockBytes += chunk.length;
    if (blockBytes >= BLOCK) await flush();
  }
  await flush();
  return { bytes, crc: crc.value };
}

/** Reads an eMMC back and gives the checksum of its first `length` bytes. */
export async function checksumBack(
  device: EmmcDevice,
  length: number,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<bigint> {
  device.rewind();
  const crc = new Crc64();
  for (let done = 0; done < length;) {
    signal.throwIfAborted();
    const data = await device.read(Math.min(BLOCK, length - done));
    crc.update(data);
    done += data.length;
    onProgress(done);
  }
  return crc.value;
}

async function writeTo(device: EmmcDevice, data: Buffer, signal: AbortSignal): Promise<void> {
  try {
    await device.write(data, signal);
  } catch (cause) {
    if (cause instanceof EmmcError) throw new TransferError(cause.message, { cause });
    throw cause;
  }
}
