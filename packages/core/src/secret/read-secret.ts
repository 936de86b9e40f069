import { decodeText } from '../config/decode-text.js';
import { resolvePath } from '../config/resolve-path.js';
import { ConfigError } from '../errors/config-error.js';
import { NoRegularFile, readRegularFile, Secret, type SecretSource } from '@turingpi/foundation';

import { secretText } from './secret-text.js';

export interface ReadSecretOptions {
  /** The configuration key it belongs to, for messages. */
  readonly key: string;
  readonly baseDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a secret from where it is; what editors and shells put around it does not belong to it ({@link secretText}).
 *
 * @throws ConfigError `CONFIG_SECRET_MISSING` naming the key and the variable or file, never the value.
 */
export async function readSecret(
  source: SecretSource | undefined,
  options: ReadSecretOptions,
): Promise<Secret | undefined> {
  if (source === undefined || Secret.is(source)) return source;
  if (typeof source === 'string') return new Secret(secretText(source));
  if ('env' in source) {
    const value = secretText(options.environment[source.env] ?? '');
    if (value === '')
      throw new ConfigError(
        'CONFIG_SECRET_MISSING',
        `\`${options.key}\` comes from the environment variable ${source.env}, which is not set`,
        { hint: `Set ${source.env} and run again.` },
      );
    return new Secret(value);
  }
  const file = resolvePath(options.baseDir, source.file);
  const missing = (problem: string, cause?: unknown) =>
    new ConfigError('CONFIG_SECRET_MISSING', `\`${options.key}\` comes from ${file}, which ${problem}`, {
      cause,
      hint: 'Put the secret into the file (mode 0600), or give it as { env: NAME }.',
    });
  let text: string | undefined;
  try {
    text = decodeText(await readRegularFile(file));
  } catch (cause) {
    throw missing(cause instanceof NoRegularFile ? cause.message : 'cannot be read', cause);
  }
  if (text === undefined) throw missing('is not text in UTF-8');
  const value = secretText(text);
  if (value === '') throw missing('is empty');
  return new Secret(value);
}
