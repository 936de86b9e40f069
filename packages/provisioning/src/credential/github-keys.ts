import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { parsePublicKey } from '@turingpi/runtime';
import { z } from 'zod';
import { ProvisioningError } from '../provisioning-error.js';

/** Where the keys of an account on GitHub are on record: beside the configuration that names it. */
export const GITHUB_KEYS_FILE = 'github-keys.json';

/** Names of accounts, so that no other address can be meant: letters, digits and single hyphens within. */
export const GITHUB_USER = /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}$/i;

const GITHUB = 'https://github.com';
/** No list of keys is longer, in bytes. */
const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 30_000;

const recordSchema = z.record(
  z.string(),
  z.object({ from: z.string(), fetchedAt: z.string(), keys: z.array(z.string()) }),
);

/** The public keys of an account, as they were when they were fetched. */
export type GithubKeys = z.infer<typeof recordSchema>[string];

/** How keys are fetched. */
export interface FetchGithubKeysOptions {
  /** The folder of the configuration: what was fetched is recorded there. */
  readonly baseDir: string;
  readonly signal: AbortSignal;
  /** Is told of each account that was fetched now. */
  readonly onFetched: (user: string, keys: GithubKeys, file: string) => void;
  /** Another server of the same kind; default `https://github.com`. */
  readonly address?: string | undefined;
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * The keys that are on record of an account; undefined while they were never fetched.
 *
 * @throws ProvisioningError `SSH_KEYS_UNAVAILABLE` for a record that cannot be understood
 */
export async function recordedGithubKeys(baseDir: string, user: string): Promise<GithubKeys | undefined> {
  return (await readRecords(path.join(baseDir, GITHUB_KEYS_FILE)))[user.toLowerCase()];
}

/**
 * Fetches the keys of accounts that have none on record, and records them. What is on record is never fetched again: who may
 * log in changes when somebody who uses the configuration says so, not when an account does.
 *
 * @throws ProvisioningError `SSH_KEYS_UNAVAILABLE` when the server does not answer, an account has no keys, or what comes is
 * none; the signal's reason
 */
export async function fetchGithubKeys(
  users: readonly string[],
  { baseDir, signal, onFetched, address = GITHUB, fetch = globalThis.fetch }: FetchGithubKeysOptions,
): Promise<void> {
  const file = path.join(baseDir, GITHUB_KEYS_FILE);
  const records = { ...(await readRecords(file)) };
  const fetched: [string, GithubKeys][] = [];
  for (const user of new Set(users.map((name) => name.toLowerCase()))) {
    if (records[user] !== undefined) continue;
    const from = `${address.replace(/\/$/, '')}/${user}.keys`;
    const keys = keysIn(await download(from, signal, fetch), from);
    const record = { from, fetchedAt: new Date().toISOString(), keys };
    records[user] = record;
    fetched.push([user, record]);
  }
  if (fetched.length === 0) return;
  await writeRecords(file, records);
  for (const [user, record] of fetched) onFetched(user, record, file);
}

function keysIn(text: string, from: string): string[] {
  const lines = text.split('\n').flatMap((line) => line.trim() || []);
  if (lines.length === 0) throw unavailable(`${from} has no key`);
  for (const line of lines)
    try {
      parsePublicKey(line);
    } catch (cause) {
      throw unavailable(`${from} has a line that is no public key`, cause);
    }
  return lines;
}

async function download(from: string, signal: AbortSignal, fetch: typeof globalThis.fetch): Promise<string> {
  try {
    // An answer of another place would be somebody else's keys.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const reply = await fetch(from, { signal: limit, redirect: 'error' });
    if (!reply.ok) throw unavailable(`${from} answers ${reply.status}`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of (reply.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > MAX_BYTES) throw unavailable(`${from} has more than ${MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ProvisioningError) throw cause;
    throw unavailable(`${from} cannot be read`, cause);
  }
}

async function readRecords(file: string): Promise<z.infer<typeof recordSchema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unavailable(`${file} cannot be read`, cause);
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw unavailable(`${file} is not what was recorded of accounts on GitHub`, cause);
  }
}

async function writeRecords(file: string, records: z.infer<typeof recordSchema>): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(records, undefined, 2)}\n`, { flush: true });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw unavailable(`${file} cannot be written`, cause);
  }
}

function unavailable(message: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError('SSH_KEYS_UNAVAILABLE', message, {
    ...(cause === undefined ? {} : { cause }),
    category: 'configuration',
    hint: 'Check the name of the account and the network, or give the keys themselves, or { file: … }, as workflow.user.sshKeys.',
  });
}
