import { createHash } from 'node:crypto';
import { UsbDriveError } from './usb-drive-error.js';

const PIECE_BYTES = 1 << 20;
const HINT = 'Nothing should start from it. Run again to write it anew, if need be on another drive.';

/**
 * Writes an image from the first byte of a drive, and reads it back. What stops it on the way is said together with what
 * the drive holds then.
 *
 * @throws UsbDriveError `USB_DRIVE_INCOMPLETE`, `USB_DRIVE_DIFFERENT`; the signal's reason
 */
export async function writeDrive({ drive, handle, stream, lengthBytes, sha256 }, { signal, progress }) {
  let done = 0;
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      await writeWhole(handle, chunk, done);
      done += chunk.length;
      progress({ activity: 'write', done, total: lengthBytes, unit: 'bytes' });
    }
    if (done !== lengthBytes) throw new Error(`the image ended after ${done} bytes`);
    await handle.sync();
  } catch (cause) {
    const state = `${drive} is incomplete: ${done} of ${lengthBytes} bytes of the image were written`;
    progress({ activity: 'stopped', note: `${state}; what it held before is lost`, warning: true });
    signal.throwIfAborted();
    throw new UsbDriveError('USB_DRIVE_INCOMPLETE', `${state}: ${cause.message}`, { cause, hint: HINT });
  }
  const digest = await digestOf(handle, lengthBytes, { signal, progress });
  if (digest === sha256) return;
  throw new UsbDriveError('USB_DRIVE_DIFFERENT', `${drive} does not hold the image that was written to it`, {
    hint: HINT,
  });
}

async function writeWhole(handle, chunk, position) {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}

async function digestOf(handle, lengthBytes, { signal, progress }) {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let done = 0; done < lengthBytes;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(piece, 0, Math.min(PIECE_BYTES, lengthBytes - done), done);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    done += bytesRead;
    progress({ activity: 'check', done, total: lengthBytes, unit: 'bytes' });
  }
  return hash.digest('hex');
}
