import { readSecret } from '@turingpi/core/plugin';
import type { Secret } from '@turingpi/foundation';
import { askSecret } from '../../process/ask-secret.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';

/** Where the passphrase of an archive is. */
export interface PassphraseOptions {
  readonly passphraseFile?: string;
  /** Name of an environment variable. */
  readonly passphraseEnv?: string;
}

/**
 * The passphrase of an archive: from a file or a variable, else asked for. Never from the command line itself, which others
 * can see.
 *
 * @param repeat - ask twice, for a new archive
 * @throws ConfigError `CONFIG_SECRET_MISSING`; UsageError when nobody can be asked, or it is empty
 */
export async function archivePassphrase(
  { passphraseFile, passphraseEnv }: PassphraseOptions,
  terminal: Terminal,
  repeat: boolean,
): Promise<Secret> {
  if (passphraseFile !== undefined && passphraseEnv !== undefined)
    throw new UsageError('the passphrase is named twice', 'Give --passphrase-file or --passphrase-env.');
  const source =
    passphraseFile === undefined ? passphraseEnv && { env: passphraseEnv } : { file: passphraseFile };
  const passphrase =
    source === undefined || source === ''
      ? await askSecret('passphrase', {
          terminal,
          repeat,
          hint: 'Give it with --passphrase-file or --passphrase-env.',
        })
      : await readSecret(source, {
          key: 'passphrase',
          baseDir: terminal.cwd,
          environment: terminal.environment,
        });
  if (passphrase === undefined || passphrase.reveal() === '')
    throw new UsageError('the passphrase is empty', 'Without one the secrets of the nodes would lie open.');
  return passphrase;
}
