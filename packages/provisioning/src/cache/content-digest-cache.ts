import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCacheFile } from './write-cache-file.js';

const DIRECTORY = 'digests';
const DIGEST = /^[0-9a-f]{64}$/;
const running = new Map<string, Promise<string>>();

/**
 * Digests of what is inside of compressed files, remembered by the digest of the file: they say whether two files are
 * one image in another wrapping. Beside the digests of files, where pruning the cache leaves them alone.
 */
export class ContentDigestCache {
  constructor(private readonly cacheDir: string) {}

  /** The digest of a file's content, hex, when it was computed before. */
  async known(fileSha256: string): Promise<string | undefined> {
    try {
      const text = (await readFile(this.#file(fileSha256), 'utf8')).trim();
      return DIGEST.test(text) ? text : undefined;
    } catch {
      return undefined; // not computed yet
    }
  }

  /** The digest of a file's content; computed with `compute` at most once, also by concurrent callers. */
  async digest(fileSha256: string, compute: () => Promise<string>): Promise<string> {
    const known = await this.known(fileSha256);
    if (known !== undefined) return known;
    const key = this.#file(fileSha256);
    const work = running.get(key) ?? compute().then((sha256) => this.#write(key, sha256));
    running.set(key, work);
    try {
      return await work;
    } finally {
      running.delete(key);
    }
  }

  #file(fileSha256: string): string {
    return join(this.cacheDir, DIRECTORY, `content-of-${fileSha256}`);
  }

  async #write(file: string, sha256: string): Promise<string> {
    await writeCacheFile(file, `${sha256}\n`);
    return sha256;
  }
}
