// Decodes one file in a thread of its own, for formats whose decoders are plain JavaScript.
//
// This file is JavaScript so that the same file works from dist and from src: a worker thread is loaded by Node itself,
// which cannot read TypeScript under every version we support. The compiler copies it (allowJs in tsconfig.json).
import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Decompress } from 'fzstd';
import unbzip2 from 'unbzip2-stream';

const INPUT_BYTES = 16 * 1024;
const { format, fd, length, waiting, maxWaiting } = workerData;
const counter = new Int32Array(waiting);

/** Hands a chunk over, and blocks this thread while the reader is behind: a bomb does not fill the memory. */
function emit(chunk) {
  if (chunk.length === 0) return;
  for (let count = Atomics.load(counter, 0); count >= maxWaiting; count = Atomics.load(counter, 0)) {
    Atomics.wait(counter, 0, count);
  }
  Atomics.add(counter, 0, 1);
  const own = Uint8Array.from(chunk); // decoders keep using their buffers
  parentPort.postMessage({ chunk: own }, [own.buffer]);
}

function* input() {
  for (let position = 0; position < length;) {
    const bytes = new Uint8Array(Math.min(INPUT_BYTES, length - position));
    const count = readSync(fd, bytes, 0, bytes.length, position);
    if (count === 0) throw new Error('the file became shorter');
    position += count;
    yield Buffer.from(bytes.buffer, 0, count);
  }
}

function decodeZstd() {
  const decoder = new Decompress((chunk) => emit(chunk));
  for (const bytes of input()) decoder.push(bytes, false);
  decoder.push(new Uint8Array(0), true);
}

function decodeBzip2() {
  const decoder = unbzip2();
  let failure;
  decoder.on('data', emit);
  decoder.on('error', (error) => (failure ??= error));
  for (const bytes of input()) {
    decoder.write(bytes);
    if (failure) throw failure;
  }
  decoder.end();
  if (failure) throw failure;
}

try {
  if (format === 'zst') decodeZstd();
  else decodeBzip2();
  parentPort.postMessage({ end: true });
} catch (error) {
  parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) });
}
