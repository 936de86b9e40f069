import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';

/**
 * A token lives 3 hours from its last use (docs/reference/bmc-protocol.md, "Login and tokens"). An older one is refused,
 * and counts as a failed login once the daemon has forgotten it.
 */
const OLDEST_MS = 2.5 * 3_600_000;

const cachedSchema = z.object({
  username: z.string(),
  token: z.string().regex(/^[A-Za-z0-9]+$/),
  at: z.iso.datetime(),
});

/**
 * Keeps the session token of one board between runs, in a file of mode 0600.
 *
 * @remarks It is a convenience: a file that cannot be read or written means one more login, never a failure.
 */
export class TokenCache {
  readonly #file: string;

  /** @param directory - usually `<cacheDir>/bmc-tokens`; @param key - `host:port` */
  constructor(directory: string, key: string) {
    this.#file = path.join(directory, `${key.replaceAll(/[^a-z0-9.-]/gi, '_')}.json`);
  }

  /** The token of an earlier run for this user, unless it is too old to be tried. */
  async load(username: string): Promise<string | undefined> {
    try {
      const cached = cachedSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
      const ageMs = Date.now() - Date.parse(cached.at);
      return cached.username === username && ageMs >= 0 && ageMs < OLDEST_MS ? cached.token : undefined;
    } catch {
      return undefined;
    }
  }

  async save(username: string, token: string): Promise<void> {
    const temporary = `${this.#file}.${randomUUID()}`;
    try {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      await writeFile(temporary, JSON.stringify({ username, token, at: new Date().toISOString() }), {
        mode: 0o600,
      });
      await rename(temporary, this.#file);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  async clear(): Promise<void> {
    await rm(this.#file, { force: true }).catch(() => undefined);
  }
}
