import { Worker } from 'node:worker_threads';
import type { FileRange } from '../disk/file-segment.js';
import { ImageError } from '../image-error.js';

/** What the worker says: a chunk, the end, or why it stopped. */
interface WorkerMessage {
  readonly chunk?: Uint8Array;
  readonly end?: boolean;
  readonly failure?: string;
}

/** What may wait for the reader before the decoder waits too: a block of bz2 alone can be 45 MB. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Decodes a whole `.zst` or `.bz2` file in a worker thread.
 *
 * @throws ImageError `IMAGE_CORRUPT`; the reason of the signal.
 */
export async function* decodeInWorker(
  format: 'zst' | 'bz2',
  file: FileRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  signal.throwIfAborted();
  const waiting = new SharedArrayBuffer(4);
  const counter = new Int32Array(waiting);
  const worker = new Worker(new URL('./decode-worker.mjs', import.meta.url), {
    workerData: {
      format,
      fd: file.file.fd,
      length: file.length,
      waiting,
      maxWaitingBytes: MAX_WAITING_BYTES,
    },
  });
  const messages: WorkerMessage[] = [];
  let wake: () => void = () => undefined;
  const receive = (message: WorkerMessage): void => {
    messages.push(message);
    wake();
  };
  const stop = (): void => receive({ failure: 'aborted' });
  worker.on('message', receive);
  worker.on('error', (error: Error) => receive({ failure: error.message }));
  worker.on('exit', () => receive({ failure: 'the decoder stopped' }));
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const message = messages.shift();
      signal.throwIfAborted();
      if (!message) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if (message.chunk) {
        yield Buffer.from(message.chunk.buffer);
        Atomics.sub(counter, 0, message.chunk.length);
        Atomics.notify(counter, 0);
      } else if (message.end === true) {
        return;
      } else {
        const why = message.failure ?? 'unknown reason';
        throw new ImageError('IMAGE_CORRUPT', `${file.path} cannot be decompressed: ${why}`);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
