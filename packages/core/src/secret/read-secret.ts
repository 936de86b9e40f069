import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../errors/config-error.js';
import { Secret, type SecretSource } from './secret.js';

export interface ReadSecretOptions {
  /** The configuration key it belongs to, for messages. */
  readonly key: string;
  readonly baseDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a secret from where it is. One line end at the end of a file does not belong to it.
 *
 * @throws ConfigError `CONFIG_SECRET_MISSING` naming the key and the variable or file, never the value.
 */
export async function readSecret(
  source: SecretSource | undefined,
  options: ReadSecretOptions,
): Promise<Secret | undefined> {
  if (source === undefined || Secret.is(source)) return source;
  if (typeof source === 'string') return new Secret(source);
  if ('env' in source) {
    const value = options.environment[source.env];
    if (value === undefined || value === '')
      throw new ConfigError(
        'CONFIG_SECRET_MISSING',
        `\`${options.key}\` comes from the environment variable ${source.env}, which is not set`,
        { hint: `Set ${source.env} and run again.` },
      );
    return new Secret(value);
  }
  const file = path.resolve(options.baseDir, source.file);
  const missing = (problem: string, cause?: unknown) =>
    new ConfigError('CONFIG_SECRET_MISSING', `\`${options.key}\` comes from ${file}, which ${problem}`, {
      cause,
      hint: 'Put the secret into the file (mode 0600), or give it as { env: NAME }.',
    });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw missing('cannot be read', cause);
  }
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw missing('is empty');
  return new Secret(value);
}
