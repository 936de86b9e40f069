import type { Dispatcher } from 'undici';
import { ImageError, type ImageErrorCode } from '../image-error.js';
import type { DownloadLocation } from './download-location.js';
import { ReceivedBody } from './received-body.js';

/** More redirects than any mirror needs. */
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface HttpDownloadOptions {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** A connection that says nothing for this long is cut, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** The answer to a request for a file: redirects followed, body still to be read. */
export interface HttpDownload {
  readonly statusCode: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Buffer>;
  /** Ends it when the body is not wanted. */
  discard(): void;
  /** Where it came from in the end. */
  readonly location: DownloadLocation;
}

/** A transfer that failed in a way that another attempt may heal. */
export class TransferInterrupted extends Error {
  override readonly name = 'TransferInterrupted';

  /** @param code - What it is when no attempt heals it. */
  constructor(
    reason: string,
    readonly code: ImageErrorCode,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/**
 * Asks for a file, following at most 5 redirects.
 *
 * @throws TransferInterrupted when the connection fails; ImageError `IMAGE_DOWNLOAD_REDIRECT`,
 * `IMAGE_DOWNLOAD_UNTRUSTED`; the reason of the signal.
 */
export async function openDownload(
  start: DownloadLocation,
  headers: Readonly<Record<string, string>>,
  options: HttpDownloadOptions,
): Promise<HttpDownload> {
  let location = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await ask(location, headers, options);
    if (!REDIRECTS.has(answer.statusCode)) return answer;
    answer.discard();
    location = location.redirectedTo(answer.header('location'));
  }
  throw new ImageError(
    'IMAGE_DOWNLOAD_REDIRECT',
    `${start.shown} redirects more than ${MAX_REDIRECTS} times`,
  );
}

async function ask(
  location: DownloadLocation,
  headers: Readonly<Record<string, string>>,
  { dispatcher, signal, idleTimeoutMs }: HttpDownloadOptions,
): Promise<HttpDownload> {
  const { authorization } = location;
  const { request } = await import('undici'); // when needed: loading it takes as long as all of this package
  let response: Dispatcher.ResponseData;
  try {
    response = await request(location.url, {
      dispatcher,
      signal,
      headersTimeout: idleTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      headers: {
        'user-agent': 'turingpi',
        'accept-encoding': 'identity', // ranges and digests are of the file as it is
        ...headers,
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw transferError(error, location);
  }
  const received = new ReceivedBody(response.body);
  return {
    statusCode: response.statusCode,
    location,
    header: (name) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: readBody(received, location, signal),
    discard: () => received.discard(),
  };
}

async function* readBody(
  body: ReceivedBody,
  location: DownloadLocation,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw transferError(error, location);
  }
}

/** Certificates do not become valid by trying again; everything else may be a passing trouble of the network. */
function transferError(error: unknown, location: DownloadLocation): Error {
  const code = codeOf(error);
  if (/CERT|SIGNED|ALTNAME|^ERR_SSL|^ERR_TLS|UNABLE_TO_(GET|VERIFY)/.test(code))
    return new ImageError('IMAGE_DOWNLOAD_UNTRUSTED', `${location.url.host} is not trusted: ${code}`, {
      cause: error,
    });
  if (code === 'UND_ERR_INVALID_ARG')
    return new ImageError('IMAGE_DOWNLOAD_URL', `${location.shown} cannot be asked for`, { cause: error });
  return new TransferInterrupted(code, 'IMAGE_DOWNLOAD_UNREACHABLE', { cause: error });
}

/** The most precise code in a chain of errors: undici wraps those of the system. */
function codeOf(error: unknown): string {
  let code = 'network error';
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string') code = at.code;
  return code;
}
