import type { IncomingMessage } from 'node:http';
import { BmcError } from '../errors/bmc-error.js';

/** No reply that we read whole is longer: a console ring in UTF-32, escaped, is below half a megabyte. */
const LONGEST_BODY = 4 * 1024 * 1024;

/**
 * Reads a reply's body as UTF-8.
 *
 * @throws BmcError BMC_PROTOCOL when it is longer than any reply of a BMC
 */
export async function readBody(message: IncomingMessage, signal?: AbortSignal): Promise<string> {
  const abort = () => message.destroy(new Error('aborted'));
  signal?.addEventListener('abort', abort, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_BODY)
        throw new BmcError('BMC_PROTOCOL', 'the BMC sent a reply of more than 4 MiB');
      chunks.push(chunk);
    }
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return Buffer.concat(chunks).toString('utf8');
}
