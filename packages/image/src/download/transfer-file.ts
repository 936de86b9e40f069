import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Progress } from '@turingpi/foundation';
import { ImageError } from '../image-error.js';
import { parseContentRange } from './content-range.js';
import type { DownloadLocation } from './download-location.js';
import {
  type HttpDownload,
  type HttpDownloadOptions,
  openDownload,
  TransferInterrupted,
} from './http-download.js';
import type { DownloadIdentity, PartialDownload } from './partial-download.js';
import { TransferRate } from './transfer-rate.js';

/** Attempts in a row that brought nothing new. */
const MAX_FRUITLESS_ATTEMPTS = 5;
const LONGEST_DELAY_MS = 10_000;
/** No image is larger; a server that never ends must not fill the disk. */
const MAX_DOWNLOAD_BYTES = 256 * 2 ** 30;
/** Answers that say "not now". */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface TransferOptions extends HttpDownloadOptions {
  readonly progress?: (progress: Progress) => void;
  /** Pause after the first failed attempt in milliseconds; doubles with each one up to 10 s. */
  readonly retryDelayMs: number;
}

/**
 * Downloads what a partial download is still missing, in as many attempts as bring something new.
 *
 * @throws ImageError `IMAGE_DOWNLOAD_REFUSED`, `IMAGE_DOWNLOAD_NOT_AN_IMAGE`, `IMAGE_DOWNLOAD_UNREACHABLE`,
 * `IMAGE_DOWNLOAD_TRUNCATED`, `IMAGE_DOWNLOAD_CHANGED`, `IMAGE_DOWNLOAD_REDIRECT`, `IMAGE_DOWNLOAD_UNTRUSTED`,
 * `IMAGE_TOO_LARGE`, `IMAGE_HOST_NO_SPACE`; what came stays for the next time.
 */
export async function transferFile(
  location: DownloadLocation,
  partial: PartialDownload,
  options: TransferOptions,
): Promise<void> {
  const { signal } = options;
  const rate = new TransferRate(options.progress);
  let most = partial.length;
  for (let fruitless = 0; ;) {
    try {
      rate.restart();
      await attempt(location, partial, rate, options);
      return;
    } catch (error) {
      if (!(error instanceof TransferInterrupted)) throw error;
      fruitless = partial.length > most ? 1 : fruitless + 1;
      most = Math.max(most, partial.length);
      if (fruitless >= MAX_FRUITLESS_ATTEMPTS) throw givenUp(location, partial, error);
    }
    const delay = Math.min(LONGEST_DELAY_MS, options.retryDelayMs * 2 ** (fruitless - 1));
    await setTimeout(delay, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

async function attempt(
  location: DownloadLocation,
  partial: PartialDownload,
  rate: TransferRate,
  options: TransferOptions,
): Promise<void> {
  const urlKey = createHash('sha256').update(location.url.href).digest('hex');
  const before = partial.identity;
  const answer = await openDownload(location, rangeHeaders(partial, urlKey), options);
  if (answer.statusCode === 416 && partial.length > 0) {
    const total = parseContentRange(answer.header('content-range'))?.total;
    answer.discard();
    if (total === partial.length) return;
    return startOver(partial);
  }
  if (answer.statusCode !== 200 && answer.statusCode !== 206) throw refusal(answer, location);
  if (answer.statusCode === 200) await partial.restart(); // no ranges there, or the file is another one now
  const identity = identityOf(answer, urlKey);
  if (answer.statusCode === 206 && !continues(answer, identity, partial, before)) {
    answer.discard();
    return startOver(partial);
  }
  assertNoPage(answer, location);
  await partial.begin(identity);
  await receive(answer, location, partial, identity, rate);
}

function rangeHeaders(partial: PartialDownload, urlKey: string): Record<string, string> {
  if (partial.length === 0) return {};
  const { identity } = partial;
  const validator = identity?.urlKey === urlKey ? identity.validator : undefined; // means nothing to a mirror
  return {
    range: `bytes=${partial.length}-`,
    ...(validator === undefined ? {} : { 'if-range': validator }),
  };
}

/** Whether a 206 goes on where we are, in the same file. */
function continues(
  answer: HttpDownload,
  identity: DownloadIdentity,
  partial: PartialDownload,
  before: DownloadIdentity | undefined,
): boolean {
  const range = parseContentRange(answer.header('content-range'));
  if (range?.start !== partial.length) return false;
  if (before?.sizeBytes !== undefined && range.total !== undefined && range.total !== before.sizeBytes)
    return false;
  const comparable = before?.urlKey === identity.urlKey && before.validator !== undefined;
  return !comparable || identity.validator === undefined || identity.validator === before.validator;
}

async function startOver(partial: PartialDownload): Promise<never> {
  await partial.restart();
  throw new TransferInterrupted('the file changed', 'IMAGE_DOWNLOAD_CHANGED');
}

function identityOf(answer: HttpDownload, urlKey: string): DownloadIdentity {
  const etag = answer.header('etag');
  const length = answer.header('content-length');
  const sizeBytes =
    answer.statusCode === 206
      ? parseContentRange(answer.header('content-range'))?.total
      : length !== undefined && /^\d{1,15}$/.test(length)
        ? Number(length)
        : undefined;
  // A weak tag promises no equal bytes, so If-Range does not take it.
  const validator = etag?.startsWith('"') === true ? etag : answer.header('last-modified');
  return { urlKey, validator, sizeBytes };
}

async function receive(
  answer: HttpDownload,
  location: DownloadLocation,
  partial: PartialDownload,
  { sizeBytes }: DownloadIdentity,
  rate: TransferRate,
): Promise<void> {
  const tooLarge = () =>
    new ImageError('IMAGE_TOO_LARGE', `${location.shown} is larger than any image`, {
      hint: 'Check the URL.',
    });
  if ((sizeBytes ?? 0) > MAX_DOWNLOAD_BYTES) throw tooLarge();
  rate.update(partial.length, sizeBytes);
  for await (const chunk of answer.body) {
    if (partial.length === 0 && looksLikePage(chunk)) throw page(location);
    if (partial.length + chunk.length > MAX_DOWNLOAD_BYTES) throw tooLarge();
    await partial.append(chunk);
    rate.update(partial.length, sizeBytes);
  }
  if (sizeBytes !== undefined && partial.length < sizeBytes)
    throw new TransferInterrupted('the answer ended early', 'IMAGE_DOWNLOAD_TRUNCATED');
}

function refusal(answer: HttpDownload, location: DownloadLocation): Error {
  const { statusCode } = answer;
  answer.discard();
  if (PASSING.has(statusCode)) return new TransferInterrupted(`HTTP ${statusCode}`, 'IMAGE_DOWNLOAD_REFUSED');
  return new ImageError('IMAGE_DOWNLOAD_REFUSED', `${location.shown} answers HTTP ${statusCode}`, {
    hint: refusalHint(statusCode),
    details: { statusCode },
  });
}

function refusalHint(statusCode: number): string {
  if (statusCode === 404 || statusCode === 410) return 'There is no such file: check the URL.';
  if (statusCode === 401 || statusCode === 403)
    return 'The server wants a login, or does not let this address download.';
  if (statusCode === 407) return 'The proxy wants a login: put it into HTTPS_PROXY.';
  return 'Try the URL in a browser.';
}

function assertNoPage(answer: HttpDownload, location: DownloadLocation): void {
  if (!/^text\/html\b|^application\/xhtml/i.test(answer.header('content-type') ?? '')) return;
  answer.discard();
  throw page(location);
}

function looksLikePage(start: Buffer): boolean {
  return /^\s*<(!doctype\s+html|html)[\s>]/i.test(start.toString('latin1', 0, 256));
}

function page(location: DownloadLocation): ImageError {
  return new ImageError('IMAGE_DOWNLOAD_NOT_AN_IMAGE', `${location.shown} is a web page, not an image`);
}

/** What the last of several failures means. */
function givenUp(
  location: DownloadLocation,
  partial: PartialDownload,
  failure: TransferInterrupted,
): ImageError {
  const total = partial.identity?.sizeBytes;
  const cut = failure.code === 'IMAGE_DOWNLOAD_UNREACHABLE' && partial.length > 0;
  const code = cut ? 'IMAGE_DOWNLOAD_TRUNCATED' : failure.code;
  const there = `${partial.length}${total === undefined ? '' : ` of ${total}`} bytes`;
  const messages: Partial<Record<typeof code, string>> = {
    IMAGE_DOWNLOAD_UNREACHABLE: `${location.url.host} cannot be reached: ${failure.message}`,
    IMAGE_DOWNLOAD_TRUNCATED: `the download of ${location.shown} stops after ${there}: ${failure.message}`,
    IMAGE_DOWNLOAD_CHANGED: `${location.shown} changes while it is downloaded`,
    IMAGE_DOWNLOAD_REFUSED: `${location.shown} answers ${failure.message}, again and again`,
  };
  return new ImageError(code, messages[code] ?? `${location.shown}: ${failure.message}`, {
    cause: failure,
    hint:
      code === 'IMAGE_DOWNLOAD_UNREACHABLE'
        ? 'Check the address and the network. Behind a proxy set HTTPS_PROXY.'
        : 'Run again: what has come is kept, and only the rest is asked for.',
  });
}
