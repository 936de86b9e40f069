import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type ImageStream, type Progress, RateMeter } from '@turingpi/foundation';

import { UsbHostError } from './usb-host-error.js';
import { type BlockDevice, describeDevice } from './block-device.js';

const CHUNK = 1024 * 1024;

/** How a device is written. */
export interface WriteOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** Called between writing and reading back. */
  readonly dropCache: () => Promise<void>;
}

/**
 * Writes a raw image to the beginning of a device, flushes it, reads it back and compares digests.
 *
 * @throws UsbHostError CM4_DEVICE_IN_USE, CM4_WRITE_FAILED, CM4_VERIFY_FAILED
 */
export async function writeDevice(
  device: BlockDevice,
  image: ImageStream,
  options: WriteOptions,
): Promise<void> {
  const { signal } = options;
  try {
    // Exclusive: for block devices Linux then refuses one that is mounted or otherwise taken.
    await using writing = await opened(device, constants.O_WRONLY | constants.O_EXCL);
    await write(writing.file, image, options);
    await writing.file.sync();
  } catch (cause) {
    signal.throwIfAborted();
    throw failure(device, 'CM4_WRITE_FAILED', 'writing to', cause);
  }
  await options.dropCache();
  const meter = new RateMeter('verify', image.rawSizeBytes);
  let digest: string;
  try {
    await using reading = await opened(device, constants.O_RDONLY);
    digest = await digestOf(
      reading.file,
      image.rawSizeBytes,
      (done) => options.progress(meter.at(done)),
      signal,
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw failure(device, 'CM4_VERIFY_FAILED', 'reading back', cause);
  }
  if (digest !== image.sha256) {
    throw new UsbHostError(
      'CM4_VERIFY_FAILED',
      `what was read back from ${describeDevice(device)} is not what was written`,
      {
        hint: 'The storage, the cable or the port is bad. Try another cable and port.',
      },
    );
  }
}

async function write(file: FileHandle, image: ImageStream, options: WriteOptions): Promise<void> {
  const meter = new RateMeter('write', image.rawSizeBytes);
  const hash = createHash('sha256');
  let done = 0;
  // Whole chunks: raw devices take only multiples of their block.
  for await (const chunk of chunksOf(image.stream)) {
    options.signal.throwIfAborted();
    if (done + chunk.length > image.rawSizeBytes) throw sourceError(image, 'more');
    hash.update(chunk);
    for (let at = 0; at < chunk.length;) {
      const { bytesWritten } = await file.write(chunk, at, chunk.length - at, done + at);
      at += bytesWritten;
    }
    done += chunk.length;
    options.progress(meter.at(done));
  }
  if (done !== image.rawSizeBytes || hash.digest('hex') !== image.sha256) throw sourceError(image, `${done}`);
}

async function* chunksOf(
  stream: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  let pending: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    const bytes = Buffer.from(piece as Uint8Array);
    pending.push(bytes);
    length += bytes.length;
    if (length < CHUNK) continue;
    const joined = Buffer.concat(pending, length);
    const whole = length - (length % CHUNK);
    yield joined.subarray(0, whole);
    pending = [joined.subarray(whole)];
    length -= whole;
  }
  if (length > 0) yield Buffer.concat(pending, length);
}

async function digestOf(
  file: FileHandle,
  length: number,
  onDone: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  for (let done = 0; done < length;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, CHUNK, done);
    if (bytesRead === 0) break;
    const wanted = Math.min(bytesRead, length - done);
    hash.update(buffer.subarray(0, wanted));
    onDone((done += wanted));
  }
  return hash.digest('hex');
}

async function opened(
  device: BlockDevice,
  flags: number,
): Promise<AsyncDisposable & { readonly file: FileHandle }> {
  const file = await open(device.path, flags);
  return { file, [Symbol.asyncDispose]: () => file.close() };
}

function sourceError({ rawSizeBytes }: ImageStream, found: string): UsbHostError {
  return new UsbHostError(
    'CM4_WRITE_FAILED',
    `the image gave ${found} bytes, or other ones, where ${rawSizeBytes} were announced`,
    {
      hint: 'The image file changed while it was written. Try again.',
    },
  );
}

function failure(
  device: BlockDevice,
  code: 'CM4_WRITE_FAILED' | 'CM4_VERIFY_FAILED',
  doing: string,
  cause: unknown,
): unknown {
  if (UsbHostError.is(cause)) return cause;
  const { code: reason = 'unknown reason' } = cause as NodeJS.ErrnoException;
  if (reason === 'EBUSY') {
    return new UsbHostError('CM4_DEVICE_IN_USE', `${describeDevice(device)} is in use`, {
      cause,
      hint: 'Something mounted it meanwhile. Unmount it, and keep the desktop from mounting it again.',
    });
  }
  const hint =
    reason === 'EACCES' || reason === 'EPERM'
      ? 'Writing to disks needs root.'
      : 'Check cable and port, then try again.';
  return new UsbHostError(code, `${doing} ${describeDevice(device)} failed: ${reason}`, { cause, hint });
}
