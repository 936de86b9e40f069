import { posix } from 'node:path';
import { ImageError } from '../image-error.js';

/** A digest as sources state it: SHA-256, hex. */
const SHA256 = /^[0-9a-f]{64}$/i;

/** Where something is downloaded from. Its credentials show nowhere but in the header made of them. */
export class DownloadLocation {
  private constructor(
    /** Without user, password and fragment. */
    readonly url: URL,
    /** Value of the `Authorization` header, when the URL had credentials. */
    readonly authorization: string | undefined,
  ) {}

  /**
   * Reads a URL that a user wrote.
   *
   * @throws ImageError `IMAGE_DOWNLOAD_URL`, which does not repeat what cannot be read: it may hold a password.
   */
  static parse(text: string): DownloadLocation {
    if (!URL.canParse(text)) throw wrongUrl('the URL of the image is not a URL');
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw wrongUrl(`the URL of the image begins with ${url.protocol}, not https: or http:`);
    return DownloadLocation.#of(url);
  }

  static #of(url: URL): DownloadLocation {
    const { username, password } = url;
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    bare.hash = '';
    if (username === '' && password === '') return new DownloadLocation(bare, undefined);
    const pair = `${decoded(username)}:${decoded(password)}`;
    return new DownloadLocation(bare, `Basic ${Buffer.from(pair).toString('base64')}`);
  }

  /** For messages and logs: without query, which holds signatures and tokens at some hosts. */
  get shown(): string {
    return `${this.url.origin}${this.url.pathname}`;
  }

  /** The last part of the path, decoded. */
  get fileName(): string {
    return decoded(posix.basename(this.url.pathname));
  }

  /**
   * Where a redirect leads.
   *
   * @throws ImageError `IMAGE_DOWNLOAD_REDIRECT` for another protocol, from https to http, with credentials of its own,
   * and to another host when there are credentials: they are not for that host, and without them it could not work.
   */
  redirectedTo(target: string | undefined): DownloadLocation {
    if (target === undefined || !URL.canParse(target, this.url.href))
      throw wrongRedirect(`${this.shown} redirects to nowhere`);
    const url = new URL(target, this.url);
    const next = DownloadLocation.#of(url);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw wrongRedirect(`${this.shown} redirects to ${url.protocol}`);
    if (this.url.protocol === 'https:' && url.protocol === 'http:')
      throw wrongRedirect(`${this.shown} redirects from https to http, to ${next.shown}`);
    if (next.authorization !== undefined)
      throw wrongRedirect(`${this.shown} redirects to ${next.shown} with credentials in the URL`);
    if (this.authorization !== undefined && !isSameHost(this.url, url))
      throw wrongRedirect(
        `${this.shown} redirects to another host, ${next.shown}, which must not get the credentials`,
      );
    return new DownloadLocation(next.url, this.authorization);
  }
}

/** A SHA-256 that a user wrote, in lower case. @throws ImageError `IMAGE_DOWNLOAD_URL`. */
export function parseSha256(text: string): string {
  if (SHA256.test(text)) return text.toLowerCase();
  throw wrongUrl('the sha256 of the image is not 64 hexadecimal digits');
}

/** The same host and port, or the same host's step from http to https. */
function isSameHost(from: URL, to: URL): boolean {
  if (from.host === to.host && from.protocol === to.protocol) return true;
  return from.hostname === to.hostname && from.port === '' && to.port === '' && to.protocol === 'https:';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrongUrl(message: string): ImageError {
  return new ImageError('IMAGE_DOWNLOAD_URL', message, {
    hint: 'Give { url, sha256 } or { url, sha256Url } with an https address.',
  });
}

function wrongRedirect(message: string): ImageError {
  return new ImageError('IMAGE_DOWNLOAD_REDIRECT', message, {
    hint: 'Open the URL in a browser and give the address where the download really is.',
  });
}
