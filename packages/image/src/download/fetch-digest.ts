import { setTimeout } from 'node:timers/promises';
import { ImageError } from '../image-error.js';
import { DownloadLocation } from './download-location.js';
import { openDownload, TransferInterrupted } from './http-download.js';
import { parseDigestFile } from './parse-digest-file.js';
import type { TransferOptions } from './transfer-file.js';

/** The digests of a whole distribution fit in. */
const MAX_BYTES = 1024 * 1024;
const ATTEMPTS = 4;

/**
 * Downloads a digest file and finds the digest of an image in it.
 *
 * @throws ImageError `IMAGE_DOWNLOAD_DIGEST_FILE`, `IMAGE_DOWNLOAD_URL`, `IMAGE_DOWNLOAD_UNREACHABLE`,
 * `IMAGE_DOWNLOAD_REFUSED`, `IMAGE_DOWNLOAD_REDIRECT`, `IMAGE_DOWNLOAD_UNTRUSTED`.
 */
export async function fetchDigest(
  digestUrl: string,
  fileName: string,
  options: TransferOptions,
): Promise<string> {
  const location = DownloadLocation.parse(digestUrl);
  options.progress?.({ activity: 'download', note: 'digest' });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return parseDigestFile(await fetchText(location, options), fileName, location.shown);
    } catch (error) {
      if (!(error instanceof TransferInterrupted)) throw error;
      if (attempt === ATTEMPTS)
        throw new ImageError(error.code, `${location.shown} cannot be downloaded: ${error.message}`, {
          cause: error,
          hint: 'Check the address and the network, or give the digest itself as sha256.',
        });
    }
    const delay = options.retryDelayMs * 2 ** (attempt - 1);
    await setTimeout(delay, undefined, { signal: options.signal }).catch(() => undefined);
    options.signal.throwIfAborted();
  }
}

async function fetchText(location: DownloadLocation, options: TransferOptions): Promise<string> {
  const answer = await openDownload(location, {}, options);
  const { statusCode } = answer;
  if (statusCode !== 200) {
    answer.discard();
    const message = `HTTP ${statusCode}`;
    if (statusCode >= 500 || statusCode === 429)
      throw new TransferInterrupted(message, 'IMAGE_DOWNLOAD_REFUSED');
    throw new ImageError('IMAGE_DOWNLOAD_REFUSED', `${location.shown} answers ${message}`, {
      hint: 'Check sha256Url, or give the digest itself as sha256.',
      details: { statusCode },
    });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new ImageError('IMAGE_DOWNLOAD_DIGEST_FILE', `${location.shown} is too long for a digest file`, {
        hint: 'sha256Url is the address of the .sha256 file, not of the image.',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
