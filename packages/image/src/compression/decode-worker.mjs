// Decodes one file in a thread of its own, for formats whose decoders are plain JavaScript.
//
// This file is JavaScript so that the same file works from dist and from src: a worker thread is loaded by Node itself,
// which cannot read TypeScript under every version we support. The compiler copies it (allowJs in tsconfig.json).
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import createXxhash from 'xxhash-wasm';
import { decodeBzip2 } from './bzip2-decoder.mjs';
import { Changed, Corrupt } from './decode-failure.mjs';
import { decodeZstd } from './zstd-decoder.mjs';

const INPUT_BYTES = 64 * 1024;
const { format, fd, length, waiting, maxWaitingBytes, scratchDir } = workerData;
const counter = new Int32Array(waiting);

/** Hands a chunk over, and blocks this thread while the reader is behind: a bomb does not fill the memory. */
function emit(chunk) {
  if (chunk.length === 0) return;
  for (let count = Atomics.load(counter, 0); count >= maxWaitingBytes; count = Atomics.load(counter, 0)) {
    Atomics.wait(counter, 0, count);
  }
  Atomics.add(counter, 0, chunk.length);
  const own = Uint8Array.from(chunk); // decoders keep using their buffers
  parentPort.postMessage({ chunk: own }, [own.buffer]);
}

/** The bytes of the file from `position`, exactly `count` of them. */
function take(position, count) {
  if (position + count > length) throw new Corrupt('the file is cut off');
  const bytes = Buffer.alloc(count);
  for (let done = 0; done < count;) {
    const read = readSync(fd, bytes, done, count - done, position + done);
    if (read === 0) throw new Changed('the file became shorter');
    done += read;
  }
  return bytes;
}

/** A ring in a file without a name, for what a long window has beyond the memory. */
function openFar() {
  const path = join(scratchDir, `.scratch.${process.pid}.${randomBytes(6).toString('hex')}.turingpi-tmp`);
  mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
  const ring = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  const each = (length, position, ringLength, transfer) => {
    for (let done = 0; done < length;) {
      const at = (position + done) % ringLength;
      done += transfer(done, Math.min(length - done, ringLength - at), at);
    }
  };
  return {
    write: (bytes, position, ringLength) =>
      each(bytes.length, position, ringLength, (from, count, at) => writeSync(ring, bytes, from, count, at)),
    read: (target, position, ringLength) =>
      each(target.length, position, ringLength, (from, count, at) => readSync(ring, target, from, count, at)),
  };
}

/** Reads the file from its beginning to its end. */
function reader() {
  let position = 0;
  return () => {
    if (position === length) return undefined;
    const bytes = take(position, Math.min(INPUT_BYTES, length - position));
    position += bytes.length;
    return bytes;
  };
}

try {
  if (format === 'zst') {
    const xxhash = await createXxhash();
    decodeZstd({ length, take }, { emit, hash: () => xxhash.create64(), openFar });
  } else decodeBzip2(reader(), emit);
  parentPort.postMessage({ end: true });
} catch (error) {
  const ofSystem = error?.code === 'ENOSPC' ? 'no-space' : 'unreadable';
  const kind = error?.kind ?? (typeof error?.errno === 'number' ? ofSystem : undefined);
  parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error), kind });
}
