import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageAnswers } from '@turingpi/image';

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
    const file = this.#file(key);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    const body = JSON.stringify(answers);
    try {
      await mkdir(join(this.cacheDir, DIRECTORY), { recursive: true, mode: 0o700 });
      await writeFile(draft, `${sha256(body)}\n${body}`, { mode: 0o600 });
      await rename(draft, file);
    } catch {
      await rm(draft, { force: true }).catch(() => undefined); // only a cache
    }
  }

  #file(key: string): string {
    return join(this.cacheDir, DIRECTORY, `answers-of-${key}`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
