import { Worker } from 'node:worker_threads';
import type { FileRange } from '../disk/file-segment.js';
import { ImageError, type ImageErrorCode } from '../image-error.js';

/** What the worker says: a chunk, the end, or why it stopped. */
interface WorkerMessage {
  readonly chunk?: Uint8Array;
  readonly end?: boolean;
  readonly failure?: string;
  readonly kind?: FailureKind;
}

/** `unreadable`: the system could not read the file. Undefined when the decoder itself failed. */
type FailureKind = 'corrupt' | 'unsupported' | 'changed' | 'unreadable' | 'no-space';

const CODES: Readonly<Record<FailureKind, ImageErrorCode>> = {
  corrupt: 'IMAGE_CORRUPT',
  unsupported: 'IMAGE_UNSUPPORTED_COMPRESSION',
  changed: 'IMAGE_SOURCE_CHANGED',
  unreadable: 'IMAGE_UNREADABLE',
  'no-space': 'IMAGE_HOST_NO_SPACE',
};

/** What may wait for the reader before the decoder waits too: a block of bz2 alone can hold 45 MB. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export interface DecodeOptions {
  readonly signal: AbortSignal;
  /** Where a window goes that is larger than memory for it. */
  readonly scratchDir: string;
}

/**
 * Decodes a whole `.zst` or `.bz2` file in a worker thread.
 *
 * @throws ImageError `IMAGE_CORRUPT`, `IMAGE_UNSUPPORTED_COMPRESSION`, `IMAGE_SOURCE_CHANGED`, `IMAGE_UNREADABLE`,
 * `IMAGE_HOST_NO_SPACE`; the reason of the signal.
 */
export async function* decodeInWorker(
  format: 'zst' | 'bz2',
  file: FileRange,
  { signal, scratchDir }: DecodeOptions,
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
      scratchDir,
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
        throw failureOf(message, file.path);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

/** A decoder that stopped by itself tells nothing about the file. */
function failureOf({ failure = 'unknown reason', kind }: WorkerMessage, path: string): ImageError {
  const message = `${path} cannot be decompressed: ${failure}`;
  if (kind !== undefined) return new ImageError(CODES[kind], message);
  return new ImageError('IMAGE_UNREADABLE', message, {
    hint: 'The decoder failed, which says nothing about the file. Try again with more memory, or unpack it yourself.',
  });
}
