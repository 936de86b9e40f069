import path from 'node:path';
import { type ConfigIssue, localPath, resolvePath } from '@turingpi/core/plugin';
import { readRegularFile, TuringPiError } from '@turingpi/foundation';
import { parsePublicKey } from '@turingpi/runtime';
import { z } from 'zod';
import { GITHUB_KEYS_FILE, GITHUB_USER, recordedGithubKeys } from './github-keys.js';

/** A public key, or where some are. */
export const sshKeySource = z.union(
  [
    z.string().min(1),
    z.strictObject({ file: localPath }),
    z.strictObject({ github: z.string().regex(GITHUB_USER, 'expected the name of an account on GitHub') }),
  ],
  'expected a public key, { file: path } or { github: account }',
);

/** A public key as in `authorized_keys`, a file with such lines, or an account on GitHub. */
export type SshKeySource = z.output<typeof sshKeySource>;

/** Public keys as far as they could be read. */
export interface ReadSshKeys {
  readonly keys: readonly string[];
  /** Which of the sources each key is from. */
  readonly places: readonly number[];
  /** Paths start with the number of the source. */
  readonly issues: readonly ConfigIssue[];
}

/**
 * Reads public keys from where they are. Nothing is fetched: of an account on GitHub what is on record counts.
 *
 * @param baseDir - where relative paths start, and what was fetched is on record
 */
export async function readSshKeys(sources: readonly SshKeySource[], baseDir: string): Promise<ReadSshKeys> {
  const read = await Promise.all(sources.map((source) => readOne(source, baseDir)));
  return {
    keys: read.flatMap(({ keys }) => keys),
    places: read.flatMap(({ keys }, index) => keys.map(() => index)),
    issues: read.flatMap(({ issue }, index) => (issue === undefined ? [] : [{ path: [index], ...issue }])),
  };
}

interface ReadSource {
  readonly keys: readonly string[];
  readonly issue?: Omit<ConfigIssue, 'path'>;
}

async function readOne(source: SshKeySource, baseDir: string): Promise<ReadSource> {
  if (typeof source === 'string') return { keys: [source] };
  if ('file' in source) return await readKeyFile(resolvePath(baseDir, source.file));
  try {
    const recorded = await recordedGithubKeys(baseDir, source.github);
    return recorded ?? { keys: [], issue: notFetched(source.github, baseDir) };
  } catch (error) {
    if (!TuringPiError.is(error)) throw error;
    const { message, code, hint } = error;
    return { keys: [], issue: { message: `cannot be known: ${message}`, code, hint } };
  }
}

async function readKeyFile(file: string): Promise<ReadSource> {
  let text: string;
  try {
    text = (await readRegularFile(file)).toString('utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'does not exist' : code === undefined ? message : `cannot be read (${code})`;
    return { keys: [], issue: { message: `comes from ${file}, which ${why}` } };
  }
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) return { keys, issue: { message: `comes from ${file}, which has no key` } };
  // A private key has many lines, and none of them may be shown: the whole is looked at.
  for (const key of text.includes('PRIVATE KEY') ? [text] : keys)
    try {
      parsePublicKey(key);
    } catch (error) {
      if (!TuringPiError.is(error)) throw error;
      const { message, code, hint } = error;
      return { keys: [], issue: { message: `comes from ${file}, which is wrong: ${message}`, code, hint } };
    }
  return { keys };
}

function notFetched(user: string, baseDir: string): Omit<ConfigIssue, 'path'> {
  return {
    message: `is not on record yet: the keys of ${user} on GitHub are fetched once`,
    code: 'SSH_KEYS_NOT_FETCHED',
    hint: `\`turingpi plan\` fetches and shows them, and records them in ${path.join(baseDir, GITHUB_KEYS_FILE)}.`,
  };
}
