// Decodes one file in a thread of its own, for formats whose decoders are plain JavaScript.
//
// This file is JavaScript so that the same file works from dist and from src: a worker thread is loaded by Node itself,
// which cannot read TypeScript under every version we support. The compiler copies it (allowJs in tsconfig.json).
import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Decompress } from 'fzstd';
import createXxhash from 'xxhash-wasm';
import { decodeBzip2 } from './bzip2-decoder.mjs';
import { Changed, Corrupt, Unsupported } from './decode-failure.mjs';

const INPUT_BYTES = 64 * 1024;
const MAX_ZSTD_BLOCK_BYTES = 128 * 1024;
/** What `zstd --long=27`, the most that its own decoder takes unasked, needs. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
const { format, fd, length, waiting, maxWaitingBytes } = workerData;
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

/** Decodes frame by frame and block by block (RFC 8878), and checks what the decoder does not: size and checksum. */
function decodeZstd(xxhash) {
  let position = 0;
  while (position < length) {
    const magic = take(position, 4).readUInt32LE();
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) position += 8 + take(position + 4, 4).readUInt32LE();
    else if (magic === 0xfd2fb528) position = decodeZstdFrame(position, xxhash);
    else throw new Corrupt('something that is not zstd follows');
  }
}

function decodeZstdFrame(start, xxhash) {
  const descriptor = take(start + 4, 1)[0];
  const singleSegment = (descriptor >> 5) & 1;
  const hasChecksum = (descriptor >> 2) & 1;
  if (descriptor & 8) throw new Unsupported('it uses a zstd format that is not known');
  if (descriptor & 3) throw new Unsupported('it was made with a zstd dictionary, which is not in it');
  const sizeBytes = [singleSegment, 2, 4, 8][descriptor >> 6];
  const sizeAt = start + 5 + (singleSegment ? 0 : 1);
  const size = sizeBytes === 0 ? undefined : readSize(take(sizeAt, sizeBytes));
  if (windowBytes(start, singleSegment, size) > MAX_WINDOW_BYTES)
    throw new Unsupported('it was made by `zstd --long`, and unpacking it takes more memory than 128 MiB');

  const hash = xxhash.create64();
  let decoded = 0n;
  const decoder = new Decompress((chunk) => {
    decoded += BigInt(chunk.length);
    hash.update(chunk);
    emit(chunk);
  });
  decoder.push(take(start, sizeAt + sizeBytes - start), false);
  let position = sizeAt + sizeBytes;
  for (let last = false; !last;) {
    const header = take(position, 3).readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3 || header >> 3 > MAX_ZSTD_BLOCK_BYTES) throw new Corrupt('a block is damaged');
    const bytes = take(position, 3 + (type === 1 ? 1 : header >> 3));
    position += bytes.length;
    last = (header & 1) === 1;
    decoder.push(bytes, last && !hasChecksum);
  }
  if (hasChecksum) {
    const checksum = take(position, 4);
    decoder.push(checksum, true);
    position += 4;
    if (Number(hash.digest() & 0xffffffffn) !== checksum.readUInt32LE())
      throw new Corrupt('its checksum is wrong');
  }
  if (size !== undefined && decoded !== size) throw new Corrupt('it is not as long as it says');
  return position;
}

function readSize(bytes) {
  if (bytes.length === 8) return bytes.readBigUInt64LE();
  return BigInt(bytes.readUIntLE(0, bytes.length)) + (bytes.length === 2 ? 256n : 0n);
}

function windowBytes(start, singleSegment, size) {
  if (singleSegment) return Number(size);
  const window = take(start + 5, 1)[0];
  return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
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
  if (format === 'zst') decodeZstd(await createXxhash());
  else decodeBzip2(reader(), emit);
  parentPort.postMessage({ end: true });
} catch (error) {
  const kind = error?.kind ?? (typeof error?.errno === 'number' ? 'unreadable' : undefined);
  parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error), kind });
}
