import { readFile } from 'node:fs/promises';
import { env } from 'node:process';
import { Secret, type SecretSource } from '@turingpi/core/plugin';
import { LinuxError } from '../linux-error.js';

/**
 * Reads a secret from where it is. One line end at the end of a file does not belong to it.
 *
 * @throws LinuxError `CREDENTIAL_UNREADABLE` naming the variable or file, never the value.
 */
export async function readSecretSource(source: SecretSource): Promise<Secret> {
  if (Secret.is(source)) return source;
  if (typeof source === 'string') return new Secret(source);
  if ('env' in source) {
    const value = env[source.env];
    if (value === undefined)
      throw new LinuxError(
        'CREDENTIAL_UNREADABLE',
        `the password comes from the environment variable ${source.env}, which is not set`,
        {
          hint: `Set ${source.env} and run again.`,
        },
      );
    return new Secret(value);
  }
  try {
    return new Secret((await readFile(source.file, 'utf8')).replace(/\r?\n$/, ''));
  } catch (cause) {
    throw new LinuxError(
      'CREDENTIAL_UNREADABLE',
      `the password comes from the file ${source.file}, which cannot be read`,
      {
        cause,
        hint: 'Create it (mode 0600), or give the password as { env: NAME }.',
      },
    );
  }
}
