import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeCacheFile } from './write-cache-file.js';

interface Identity {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly inode: number;
}

interface Remembered extends Identity {
  readonly sha256: string;
}

const DIRECTORY = 'digests';
/** A file changed so recently could change again within the clock's resolution without showing it. */
const SETTLED_MS = 2_000;
const running = new Map<string, Promise<string>>();

async function identify(path: string): Promise<Identity> {
  const absolute = resolve(path);
  const { size, mtimeMs, ctimeMs, ino } = await stat(absolute);
  return { path: absolute, size, mtimeMs, ctimeMs, inode: ino };
}

function keyOf(identity: Identity): string {
  return JSON.stringify([identity.path, identity.size, identity.mtimeMs, identity.ctimeMs, identity.inode]);
}

/**
 * SHA-256 digests of large files, remembered by path, size, times and inode, so that a run in which nothing changed
 * does not read gigabytes to find that out.
 */
export class FileDigestCache {
  constructor(private readonly cacheDir: string) {}

  /** The digest of a file, hex; computed with `compute` at most once for the same file, also by concurrent callers. */
  async digest(path: string, compute: (path: string) => Promise<string>): Promise<string> {
    const identity = await identify(path);
    const remembered = await this.#read(identity);
    if (remembered !== undefined) return remembered;
    const key = keyOf(identity);
    const known = running.get(key);
    if (known) return known;
    const work = compute(identity.path).then(async (sha256) => {
      const after = await identify(path);
      if (keyOf(after) === key && Date.now() - Math.max(after.mtimeMs, after.ctimeMs) > SETTLED_MS)
        await this.#write(after, sha256);
      return sha256;
    });
    running.set(key, work);
    try {
      return await work;
    } finally {
      running.delete(key);
    }
  }

  /** Whether the digest of a file, as it is now, is remembered. */
  async knows(path: string): Promise<boolean> {
    return (await this.#read(await identify(path))) !== undefined;
  }

  /** Remembers the digest of a file that this process has just written itself. */
  async remember(path: string, sha256: string): Promise<void> {
    await this.#write(await identify(path), sha256);
  }

  #file(path: string): string {
    return join(this.cacheDir, DIRECTORY, `${createHash('sha256').update(path).digest('hex')}.json`);
  }

  async #read(identity: Identity): Promise<string | undefined> {
    try {
      const remembered = JSON.parse(await readFile(this.#file(identity.path), 'utf8')) as Remembered;
      const same = keyOf(remembered) === keyOf(identity) && /^[0-9a-f]{64}$/.test(remembered.sha256);
      return same ? remembered.sha256 : undefined;
    } catch {
      return undefined; // no cache, or a damaged one: the digest is computed
    }
  }

  async #write(identity: Identity, sha256: string): Promise<void> {
    await writeCacheFile(
      this.#file(identity.path),
      JSON.stringify({ ...identity, sha256 } satisfies Remembered),
    );
  }
}
