import { EmmcError, type EmmcDevice } from '../hardware/emmc-file.js';
import type { ByteSource } from './byte-source.js';
import { Crc64 } from './crc64.js';
import { TransferError } from './transfer-error.js';

const BLOCK = 512 * 1024;

/** What was written: how much, and its checksum. */
export interface WrittenImage {
  readonly bytes: number;
  /** Undefined when nobody asked for it. */
  readonly crc: bigint | undefined;
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
  withCrc: boolean,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<WrittenImage> {
  const crc = new Crc64();
  const block = Buffer.allocUnsafeSlow(BLOCK);
  let filled = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (filled === 0) return;
    const data = block.subarray(0, filled);
    filled = 0;
    if (withCrc) crc.update(data);
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
    for (let at = 0; at < chunk.length;) {
      const copied = chunk.copy(block, filled, at);
      at += copied;
      filled += copied;
      if (filled === BLOCK) await flush();
    }
  }
  await flush();
  return { bytes, crc: withCrc ? crc.value : undefined };
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
