import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigFile } from '@turingpi/core';
import { resolvePath } from '@turingpi/core/plugin';
import { readRegularFile } from '@turingpi/foundation';

/** Keys whose value is secret, or says where a secret is. */
const SECRET_KEY = /password|passphrase|secret|token|privatekey|credential/i;
/** Variables that the program reads secrets from, and what others call theirs. */
const SECRET_VARIABLE = /password|passphrase|secret|token|(?:^|_)key(?:$|_)/i;
/** A secret within a text, as in a command line of a step. */
const IN_TEXT = /(?:password|passwd|passphrase|secret|token)["']?(?:\s*[:=]\s*|\s+)["']?([^\s"']{4,})/gi;
/** Files in a cache directory that are nothing but secrets. */
const SECRET_FILE = /node-secrets\.json$|\.key$/;

/**
 * Every secret that can be known on this computer: those that a configuration holds or leads to, of variables, and of what is
 * kept in its cache directory. What cannot be read is left out.
 */
export async function knownSecrets(
  file: Pick<ConfigFile, 'input' | 'baseDir'> | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  cacheDir: string,
): Promise<readonly string[]> {
  const named = file === undefined ? [] : sourcesIn(file.input, false);
  const variables = Object.entries(environment).filter(([name]) => SECRET_VARIABLE.test(name));
  const files = [
    ...named.flatMap((source) => ('file' in source ? [resolvePath(file?.baseDir ?? '', source.file)] : [])),
    ...(await filesIn(cacheDir)),
  ];
  const texts = await Promise.all(files.map(readText));
  return [
    ...named.flatMap((source) =>
      'text' in source ? source.text : 'env' in source ? (environment[source.env] ?? []) : [],
    ),
    ...variables.flatMap(([, value]) => value ?? []),
    ...texts.flatMap((text) => (text === undefined ? [] : [text.trim(), ...leavesOf(text)])),
  ];
}

type Source = { readonly text: string } | { readonly env: string } | { readonly file: string };

/** What a configuration says of secrets, as it is written, right or wrong. */
function sourcesIn(value: unknown, isSecret: boolean): readonly Source[] {
  if (typeof value === 'string')
    return isSecret ? [{ text: value }] : [...value.matchAll(IN_TEXT)].map(([, text = '']) => ({ text }));
  if (typeof value !== 'object' || value === null) return [];
  const { env, file } = value as { readonly env?: unknown; readonly file?: unknown };
  const named: Source[] = [];
  // Whatever key it is: `{ env: … }` and `{ file: … }` are how secrets are given.
  if (typeof env === 'string') named.push({ env });
  if (typeof file === 'string' && isSecret) named.push({ file });
  return [
    ...named,
    ...Object.entries(value).flatMap(([key, member]) => sourcesIn(member, isSecret || SECRET_KEY.test(key))),
  ];
}

async function filesIn(cacheDir: string): Promise<string[]> {
  const names = (await readdir(cacheDir).catch(() => [])).filter((name) => SECRET_FILE.test(name));
  const tokens = path.join(cacheDir, 'bmc-tokens');
  const cached = await readdir(tokens).catch(() => []);
  return [
    ...names.map((name) => path.join(cacheDir, name)),
    ...cached.map((name) => path.join(tokens, name)),
  ];
}

async function readText(file: string): Promise<string | undefined> {
  return await readRegularFile(file).then(
    (bytes) => bytes.toString('utf8'),
    () => undefined,
  );
}

/** The texts in a JSON file, at any depth. */
function leavesOf(text: string): readonly string[] {
  const leaves: string[] = [];
  try {
    JSON.parse(text, (_key, value: unknown) => {
      if (typeof value === 'string') leaves.push(value);
      return value;
    });
  } catch {
    return []; // then the file itself is the secret
  }
  return leaves;
}
