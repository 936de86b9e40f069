import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { internalError, RequestError } from '../http/request-error.js';
import type { ByteSource } from './byte-source.js';
import { SourceError } from './transfer-error.js';

const MOST_REDIRECTS = 10;

/** Socket errors as the daemon's operating system words them. */
const OS_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused (os error 111)',
  ECONNRESET: 'Connection reset by peer (os error 104)',
  ETIMEDOUT: 'Connection timed out (os error 110)',
  EHOSTUNREACH: 'No route to host (os error 113)',
  ENETUNREACH: 'Network is unreachable (os error 101)',
  ENOTFOUND: 'failed to lookup address information: Name or service not known',
  EAI_AGAIN: 'failed to lookup address information: Try again',
};

/** Parses the `file` of a URL transfer. @throws RequestError */
export function parseImageUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new RequestError(400, `${text} could not be parsed to a url object: relative URL without a base`);
  }
  return url;
}

/**
 * An image that the BMC fetches itself; the reply's status is not looked at
 * (docs/reference/bmc-protocol.md, "Start of a transfer").
 *
 * @remarks Certificates are checked, as on the real board.
 */
export class UrlDownload implements ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;

  private constructor(
    private readonly response: IncomingMessage,
    readonly size: number,
  ) {
    this.#chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Asks for the URL and waits for the head of the reply. @throws RequestError */
  static async open(url: URL): Promise<UrlDownload> {
    let target = url;
    for (let redirects = 0; ; redirects += 1) {
      const response = await request(target);
      const location = response.headers.location;
      const redirected =
        [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location !== undefined;
      if (redirected) {
        response.destroy();
        if (redirects === MOST_REDIRECTS)
          throw internalError('http file request error', 'too many redirects');
        target = new URL(location, target);
        continue;
      }
      const length = response.headers['content-length'];
      if (length === undefined) {
        response.destroy();
        throw internalError('no content-length field in http response');
      }
      return new UrlDownload(response, Number(length));
    }
  }

  async read(signal: AbortSignal): Promise<Buffer | undefined> {
    const aborted = (): void => void this.response.destroy();
    signal.addEventListener('abort', aborted, { once: true });
    try {
      signal.throwIfAborted();
      const next = await this.#chunks.next();
      return next.done ? undefined : next.value;
    } catch (cause) {
      signal.throwIfAborted();
      throw new SourceError('error decoding response body', { cause });
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  close(): void {
    this.response.destroy();
  }
}

function request(url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? httpsGet : httpGet;
    const failed = (cause: NodeJS.ErrnoException): void => {
      reject(internalError('http file request error', OS_ERRORS[cause.code ?? ''] ?? cause.message));
    };
    try {
      get(url, { agent: false }, resolve).on('error', failed);
    } catch (cause) {
      failed(cause as NodeJS.ErrnoException); // a scheme that is neither http nor https
    }
  });
}
