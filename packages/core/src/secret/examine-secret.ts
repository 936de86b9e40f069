import { type ConfigIssue, formatPath } from '../config/describe-issues.js';

import { ConfigError } from '../errors/config-error.js';
import { readSecret, type ReadSecretOptions } from './read-secret.js';
import type { Secret, SecretSource } from '@turingpi/foundation';

/** A secret as far as it could be read, with what is wrong. */
export interface ExaminedSecret {
  readonly secret: Secret | undefined;
  readonly issues: readonly ConfigIssue[];
}

/** Reads a secret of a configuration; that it is missing, or can be none, is an issue like others. */
export async function examineSecret(
  source: SecretSource | undefined,
  options: Omit<ReadSecretOptions, 'key'> & { readonly path: readonly PropertyKey[] },
): Promise<ExaminedSecret> {
  const { path, ...place } = options;
  try {
    const secret = await readSecret(source, { ...place, key: formatPath(path) });
    const message = secret && problemOf(secret, String(path.at(-1)));
    return message === undefined
      ? { secret, issues: [] }
      : { secret: undefined, issues: [{ path, message }] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = error.message.replace(/^`[^`]*` /, ''); // the place is said with it
    return { secret: undefined, issues: [{ path, message, code: error.code, hint: error.hint }] };
  }
}

/** What can be seen without trying it: a wrong login is not free. */
function problemOf(secret: Secret, key: string): string | undefined {
  const value = secret.reveal();
  if (key === 'password' && /[\r\n\0]/.test(value)) return 'has several lines, which no password has';
  if (key === 'privateKey' && value.length < 1024 && /^(~|\.{0,2})[/\\]\S*$|^[A-Za-z]:[/\\]\S*$/.test(value))
    return 'is the path of a key where the key is wanted; write { file: PATH }';
  return undefined;
}
