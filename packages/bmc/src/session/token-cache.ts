import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes, randomUUID, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { BmcCredentials } from './bmc-credentials.js';

/**
 * A token lives 3 hours from its last use (docs/reference/bmc-protocol.md, "Login and tokens"). An older one is refused,
 * and counts as a failed login once the daemon has forgotten it.
 */
const OLDEST_MS = 2.5 * 3_600_000;

const cachedSchema = z.object({
  username: z.string(),
  token: z.string().regex(/^[A-Za-z0-9]+$/),
  at: z.iso.datetime(),
  /** What the password was that it was made with, so that no other one is taken for right. */
  password: z.object({ salt: z.hex().length(32), digest: z.hex().length(64) }),
});

/** Slow on purpose (some 10 ms, once a run): the password outlives the token beside which its digest lies. */
const COST = { N: 4096 };

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const digestOf = (password: string, salt: string): Promise<Buffer> =>
  derive(password, Buffer.from(salt, 'hex'), 32, COST);

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

  /**
   * The token of an earlier run for this user, unless it is too old to be tried, or was made with another password than the
   * one that is given now: a wrong password is to be noticed. Without a password nothing speaks against it.
   */
  async load({ username, password }: BmcCredentials): Promise<string | undefined> {
    try {
      const cached = cachedSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
      const ageMs = Date.now() - Date.parse(cached.at);
      if (cached.username !== username || ageMs < 0 || ageMs >= OLDEST_MS) return undefined;
      const { salt, digest } = cached.password;
      const isSame =
        password === undefined ||
        timingSafeEqual(await digestOf(password.reveal(), salt), Buffer.from(digest, 'hex'));
      return isSame ? cached.token : undefined;
    } catch {
      return undefined;
    }
  }

  /** @param credentials - those that the token was made with */
  async save({ username, password }: BmcCredentials, token: string): Promise<void> {
    if (password === undefined) return;
    const temporary = `${this.#file}.${randomUUID()}`;
    try {
      const salt = randomBytes(16).toString('hex');
      const digest = (await digestOf(password.reveal(), salt)).toString('hex');
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      const at = new Date().toISOString();
      await writeFile(temporary, JSON.stringify({ username, token, at, password: { salt, digest } }), {
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
