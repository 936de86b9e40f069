import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageAnswers } from '@turingpi/image/customization';
import { writeCacheFile } from './write-cache-file.js';

const DIRECTORY = 'digests';

/**
 * What base images answered to pre-install callbacks, kept beside their digests: a run in which nothing changed asks
 * the same again, and needs not open the images for it.
 *
 * @remarks A file is its own SHA-256 and then the answers: a damaged one is as good as none.
 */
export class BaseAnswersCache {
  constructor(private readonly cacheDir: string) {}

  /** @param key - hex; names the image, byte for byte, and all that was set in it before it was asked */
  async read(key: string): Promise<ImageAnswers | undefined> {
    try {
      const text = await readFile(this.#file(key), 'utf8');
      const end = text.indexOf('\n');
      const body = text.slice(end + 1);
      return text.slice(0, end) === sha256(body) ? (JSON.parse(body) as ImageAnswers) : undefined;
    } catch {
      return undefined; // not asked yet
    }
  }

  async write(key: string, answers: ImageAnswers): Promise<void> {
    const body = JSON.stringify(answers);
    await writeCacheFile(this.#file(key), `${sha256(body)}\n${body}`);
  }

  #file(key: string): string {
    return join(this.cacheDir, DIRECTORY, `answers-of-${key}`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
