import type { ClientRequest } from 'node:http';
import { TuringPiError } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import type { UploadSource, UploadWatch } from './upload-source.js';

/** One part of a multipart form, and how its sending is followed. */
export interface Sending {
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly source: UploadSource;
  readonly watch: UploadWatch;
  readonly signal: AbortSignal;
  readonly onAllSent: () => void;
}

/**
 * Writes the form with back-pressure. Ends silently when `signal` fires.
 *
 * @throws BmcError BMC_FLASH_IMAGE_UNUSABLE when the source fails or has another length than announced
 */
export async function sendForm(
  outgoing: ClientRequest,
  { head, tail, source, watch, signal, onAllSent }: Sending,
): Promise<void> {
  // One listener each for the whole upload: a promise per chunk that is settled only at the end would pile up.
  let wake: () => void = () => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  outgoing.on('close', () => wake());
  const interruptible = <T>(work: Promise<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      wake = () => {
        if (signal.aborted) resolve(undefined);
      };
      work.then(resolve, reject);
    });
  // Until the chunk has left, not only until there is room: sources read into the same buffer again.
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (signal.aborted || outgoing.destroyed) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      outgoing.write(chunk, () => resolve());
    });
  };
  let sent = 0;
  const iterator = source.stream[Symbol.asyncIterator]();
  try {
    await write(head);
    while (!signal.aborted) {
      const next = await interruptible(iterator.next().catch(sourceFailed));
      if (next === undefined) return;
      if (next.done === true) {
        if (sent !== source.lengthBytes) throw lengthError(source.lengthBytes, `only ${sent}`);
        outgoing.end(tail);
        onAllSent();
        return;
      }
      const chunk = typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
      sent += chunk.length;
      if (sent > source.lengthBytes) throw lengthError(source.lengthBytes, 'more');
      await write(chunk);
      watch.onSent?.(sent);
    }
  } finally {
    // A source may hang in its read: its end is not waited for.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function sourceFailed(cause: unknown): never {
  if (TuringPiError.is(cause)) throw cause;
  throw new BmcError('BMC_FLASH_IMAGE_UNUSABLE', 'the image cannot be read to its end', {
    cause,
    hint: 'Check the disk that holds the image, and the image itself.',
  });
}

function lengthError(expected: number, found: string): BmcError {
  return new BmcError(
    'BMC_FLASH_IMAGE_UNUSABLE',
    `the image gave ${found} bytes where ${expected} were announced`,
    {
      hint: 'The image file changed while it was sent. Try again.',
    },
  );
}
