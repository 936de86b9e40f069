import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CredentialPlan } from './credential-plan.js';

const KEY_FILE = 'credentials.key';
const KEY_BYTES = 32;

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    const key = await readFile(path);
    return key.length === KEY_BYTES ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The secret key of this cache directory, made at first use. Two processes that start together agree on one. */
async function digestKey(cacheDir: string): Promise<Buffer> {
  const path = join(cacheDir, KEY_FILE);
  const existing = await readKey(path);
  if (existing) return existing;
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(KEY_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path); // fails when another process was faster, and never shows a half-written key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const key = await readKey(path);
  if (!key) throw new Error(`${path} is damaged; remove it and run again`);
  return key;
}

/**
 * A digest of first-boot settings for the state file.
 *
 * @remarks Keyed with a random key that never leaves the cache directory: a plain hash of a weak password would let
 * anyone who reads the state guess it. Losing the key costs one new image, nothing else.
 */
export async function digestCredentials(plan: CredentialPlan, cacheDir: string): Promise<string> {
  const content = JSON.stringify([
    plan.username ?? null,
    plan.password?.reveal() ?? null,
    plan.sshKeys,
    plan.passwordAuthentication ?? null,
    plan.timezone ?? null,
    plan.locale ?? null,
    plan.packages,
  ]);
  return keyedDigest(content, cacheDir);
}

/** HMAC-SHA-256, hex, under the random key of the cache directory: for what may be secret and easy to guess. */
export async function keyedDigest(content: string | Uint8Array, cacheDir: string): Promise<string> {
  return createHmac('sha256', await digestKey(cacheDir))
    .update(content)
    .digest('hex');
}
