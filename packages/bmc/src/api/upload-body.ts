import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BmcError } from '../errors/bmc-error.js';
import { DISK_WENT_AWAY } from '../errors/bmc-hints.js';
import type { HttpReply, HttpTransport } from '../http/http-transport.js';
import { readBody } from '../http/read-body.js';
import type { Access } from '../session/bmc-session.js';
import { endpointKey } from '../tls/verified-connection.js';
import { expectEmpty, replyError } from './reply.js';
import { sendForm } from './send-form.js';
import type { UploadSource, UploadWatch } from './upload-source.js';
import { Watchdog } from './watchdog.js';

interface Upload {
  readonly handle: number;
  readonly source: UploadSource;
  readonly access: Access;
  readonly watch: UploadWatch;
}

/**
 * Posts one multipart form with one part.
 *
 * @remarks docs/reference/bmc-protocol.md, "Upload". The connection is opened here and at once used: the BMC closes an
 * idle one after 5 s. The answer is awaited while sending: a failing upload is answered early, then neither read nor
 * closed.
 */
export async function uploadBody(transport: HttpTransport, upload: Upload): Promise<void> {
  const { source, watch, handle } = upload;
  const boundary = `turingpi-${randomBytes(16).toString('hex')}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="image"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const connection = await transport.openConnection(watch.signal);
  const { socket } = connection;
  const { host, port } = transport.endpoint;
  const outgoing = httpsRequest({
    createConnection: () => socket, // without an agent: the connection is verified, fresh, and used once
    host,
    port,
    method: 'POST',
    path: `/api/bmc/upload/${handle}`,
    headers: {
      ...upload.access.authorization,
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': String(head.length + source.lengthBytes + tail.length),
      Connection: 'close',
    },
  });
  const stopped = new AbortController(); // ends the sending, for whatever reason
  const failed = once(outgoing, 'error').then(([cause]: unknown[]) => ({ cause }));
  const answered = once(outgoing, 'response').then(([message]: unknown[]) => ({
    message: message as IncomingMessage,
  }));
  answered.catch(() => undefined);
  failed.catch(() => undefined);
  const watchdog = new Watchdog(watch.stallMs, () => socket.bytesWritten);
  let abort: () => void = () => undefined;
  const aborted = new Promise<{ refused: unknown }>((resolve) => {
    abort = () => resolve({ refused: watch.signal?.reason });
  });
  watch.signal?.addEventListener('abort', abort, { once: true });
  let sending: Promise<unknown> | undefined;
  let complete = false;
  try {
    watch.signal?.throwIfAborted();
    sending = sendForm(outgoing, {
      head,
      tail,
      source,
      watch,
      signal: stopped.signal,
      onAllSent: () => watchdog.extend(watch.answerMs),
    });
    const outcome = await Promise.race([
      answered,
      failed,
      aborted,
      watchdog.stalled,
      sending.then(
        () => new Promise<never>(() => undefined), // all sent: the answer decides
        (cause: unknown) => ({ refused: cause }),
      ),
    ]);
    if ('refused' in outcome) throw outcome.refused;
    if ('cause' in outcome) throw interrupted(transport, outcome.cause);
    if ('stalled' in outcome) {
      throw new BmcError(
        'BMC_FLASH_STALLED',
        `the upload to ${endpointKey(transport.endpoint)} has not moved for ${Math.round(outcome.stalled / 1000)} s`,
      );
    }
    // Ended, not finished: that the last bytes have left may be told after the answer to them.
    const allSent = outgoing.writableEnded;
    const body = await Promise.race([
      readBody(outcome.message, watch.signal),
      watchdog.stalled.then(() => ''), // an answer whose body never comes still has its status
    ]).catch(() => '');
    const reply = { status: outcome.message.statusCode ?? 0, headers: outcome.message.headers, body };
    watch.signal?.throwIfAborted();
    if (reply.status === 401 || reply.status === 429) {
      await upload.access.refused(reply);
      throw interrupted(transport, new Error('the session had ended'));
    }
    if (reply.status !== 200) throw refusal(reply);
    expectEmpty(reply, 'upload');
    if (!allSent)
      throw new BmcError('BMC_FLASH_UNVERIFIED', 'the BMC accepted the upload before it had all of it');
    complete = true;
  } catch (cause) {
    watch.signal?.throwIfAborted();
    throw cause;
  } finally {
    watch.signal?.removeEventListener('abort', abort);
    watchdog.stop();
    stopped.abort();
    outgoing.on('error', () => undefined);
    if (!complete) connection.reset();
    outgoing.destroy();
    socket.on('error', () => undefined).destroy();
    await sending?.catch(() => undefined);
  }
}

/** An upload names no file of the BMC: what is missing there is the disk that is written. */
function refusal(reply: HttpReply): BmcError {
  const error = replyError(reply, 'upload');
  if (!BmcError.hasCode(error, 'BMC_FLASH_FILE_UNUSABLE')) return error;
  const { message, details } = error;
  return new BmcError('BMC_FLASH_IO_ERROR', message, { hint: DISK_WENT_AWAY, details });
}

function interrupted(transport: HttpTransport, cause: unknown): BmcError {
  return new BmcError(
    'BMC_FLASH_INTERRUPTED',
    `the connection to ${endpointKey(transport.endpoint)} broke during the upload`,
    {
      cause,
    },
  );
}
