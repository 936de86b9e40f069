import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource } from './byte-source.js';
import { TransferError } from './transfer-error.js';
import type { Transfer } from './transfer-slot.js';

const RAM_DISK_BYTES = 58_000_000;
const LARGEST_IMAGE_BYTES = 370 * 126_976;

/**
 * Puts BMC firmware into the staging directory; it takes effect at the next reboot
 * (docs/reference/bmc-protocol.md, "Firmware worker").
 */
export async function stageFirmware(
  dir: string,
  name: string,
  source: ByteSource,
  transfer: Transfer,
): Promise<void> {
  const signal = transfer.controller.signal;
  try {
    await mkdir(dir, { recursive: true });
    const partial = join(dir, `${name}.part`);
    {
      await using file = await open(partial, 'w');
      for (let chunk = await source.read(signal); chunk; chunk = await source.read(signal)) {
        signal.throwIfAborted();
        if (transfer.bytesWritten + chunk.length > RAM_DISK_BYTES)
          throw new TransferError('No space left on device (os error 28)');
        await file.write(chunk);
        transfer.bytesWritten += chunk.length;
      }
    }
    if (transfer.bytesWritten === 0 || transfer.bytesWritten > LARGEST_IMAGE_BYTES)
      throw new TransferError('failed firmware upgrade (exit status: 255)');
    await rename(partial, join(dir, name));
  } finally {
    source.close();
  }
}
