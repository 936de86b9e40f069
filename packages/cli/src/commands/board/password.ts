import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BmcError } from '@turingpi/bmc';
import { Secret } from '@turingpi/foundation';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { askSecret } from '../../process/ask-secret.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';

/** Where the new password comes from; never from the command line, which everybody on this computer can read. */
export interface PasswordOptions extends BoardOptions {
  readonly newPasswordEnv?: string;
  readonly newPasswordFile?: string;
}

const DEFAULT_VARIABLE = 'TPI_NEW_PASSWORD';
const OTHER_WAYS = `Give it in ${DEFAULT_VARIABLE}, with --new-password-env NAME, or with --new-password-file FILE.`;

/** `turingpi board password`: changes the password of the board, also that of the factory, which bars everything else. */
export async function boardPassword(options: PasswordOptions, terminal: Terminal): Promise<number> {
  await using opened = await openBoard(options, terminal);
  const { client: board, credentials } = opened;
  const { username, password } = credentials;
  const { host } = board.endpoint;
  if (!password) throw new BmcError('BMC_PASSWORD_MISSING', `no password for the BMC at ${host}`);
  await board.access.get().catch((cause: unknown) => {
    if (!BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED')) throw cause;
    throw new BmcError(
      'BMC_NOT_SUPPORTED',
      `the firmware of ${host} does not change passwords over its API`,
      {
        cause,
        hint: 'Log in to the BMC over SSH or its serial console and use `passwd`.',
      },
    );
  });
  const wanted = await newPassword(options, terminal);
  await board.access.changePassword({ username, current: password, wanted });
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ passwordChanged: { host, username } })}\n`
      : `The password of ${username} on ${host} is changed, for SSH as well. Change \`bmc.password\` of the configuration, or TPI_PASSWORD, too.\n`,
  );
  return EXIT.ok;
}

/** The new password of a board, from where the options or the environment say it is; else it is asked for. */
export async function newPassword(
  options: Pick<PasswordOptions, 'newPasswordEnv' | 'newPasswordFile'>,
  terminal: Terminal,
): Promise<Secret> {
  const { newPasswordEnv, newPasswordFile } = options;
  if (newPasswordEnv !== undefined && newPasswordFile !== undefined)
    throw new UsageError('the new password is to come from two places', 'Give one of them.');
  if (newPasswordFile !== undefined) {
    const file = path.resolve(terminal.cwd, newPasswordFile);
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
      throw new UsageError(`cannot read the new password from ${file}: ${code}`, OTHER_WAYS);
    });
    return new Secret(text.replace(/\r?\n$/, ''));
  }
  const given = terminal.environment[newPasswordEnv ?? DEFAULT_VARIABLE];
  if (given !== undefined && given !== '') return new Secret(given);
  if (newPasswordEnv !== undefined)
    throw new UsageError(`the environment variable ${newPasswordEnv} is not set`, OTHER_WAYS);
  return await askSecret('the new password of the board', { terminal, repeat: true, hint: OTHER_WAYS });
}
