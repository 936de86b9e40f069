import path from 'node:path';
import { type BmcClient, BmcError } from '@turingpi/bmc';
import { expandHome, secretText } from '@turingpi/core';
import { readRegularFile, Secret } from '@turingpi/foundation';
import { given } from '../../board/open-board.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { newPassword } from '../board/password.js';
import type { InitOptions } from './init-options.js';
import type { Questions } from './questions.js';

/** The login of the board, and how the configuration is to say its password. */
export interface BoardLogin {
  readonly username: string;
  readonly password: Secret;
  readonly reference: PasswordReference;
  /** Who typed it and was mistaken is asked again. */
  readonly isTyped?: boolean;
}

/** Where a configuration finds a password: it never has one itself. */
export type PasswordReference =
  | { readonly kind: 'env'; readonly name: string }
  /** A file that is there. */
  | { readonly kind: 'file'; readonly path: string }
  /** A file that is written together with the configuration. */
  | { readonly kind: 'new-file' };

/** Whom to ask, and how a board is opened with an answer. */
interface Asking {
  readonly questions: Questions;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly open: (password: Secret) => BmcClient;
}

const VARIABLE = 'TPI_PASSWORD';
/** A board bans an address after five failed logins: the others are for whoever comes to see why. */
const MOST_TRIES = 3;

/** The login as options or the environment say it, else as it is typed. */
export async function boardLogin(
  options: Pick<InitOptions, 'passwordEnv' | 'passwordFile'> & { readonly username: string },
  { questions, terminal }: { readonly questions: Questions; readonly terminal: Terminal },
): Promise<BoardLogin> {
  const { username, passwordEnv, passwordFile } = options;
  if (passwordEnv !== undefined && passwordFile !== undefined)
    throw new UsageError('the password of the board is to come from two places', 'Give one of them.');
  if (passwordFile !== undefined) {
    const file = path.resolve(terminal.cwd, expandHome(passwordFile));
    return { username, password: await readPassword(file), reference: { kind: 'file', path: file } };
  }
  const name = passwordEnv ?? VARIABLE;
  const written = secretText(terminal.environment[name] ?? '');
  if (written !== '') return { username, password: new Secret(written), reference: { kind: 'env', name } };
  if (passwordEnv !== undefined)
    throw new UsageError(`the environment variable ${name} is not set`, 'Set it, or give --password-file.');
  const password = await typedPassword(username, questions);
  const keep = await questions.choose({
    message: 'Where is turingpi to find this password later?',
    flag: '--password-env or --password-file',
    choices: [
      { value: 'new-file', label: 'in a file beside the configuration', hint: 'only you can read it' },
      { value: 'env', label: `in the environment variable ${VARIABLE}`, hint: 'which you set each time' },
    ],
    initial: 'new-file',
  });
  return {
    username,
    password,
    isTyped: true,
    reference: keep === 'env' ? { kind: 'env', name: VARIABLE } : { kind: 'new-file' },
  };
}

function typedPassword(username: string, questions: Questions): Promise<Secret> {
  return questions.secret({
    message: `Password of ${username} on the board`,
    flag: `${VARIABLE}, --password-env NAME or --password-file FILE`,
  });
}

/**
 * The login that the board takes: a password that was typed may be typed again.
 *
 * @throws BmcError `BMC_AUTH_REFUSED` of another one, and of the third that was typed
 */
async function acceptedLogin(
  told: BoardLogin,
  { questions, terminal, signal, open }: Asking,
): Promise<BoardLogin> {
  for (let [login, tries] = [told, 1]; ; tries++) {
    await using client = open(login.password);
    try {
      await client.login({ signal });
      return login;
    } catch (error) {
      const isLast = login.isTyped !== true || tries === MOST_TRIES;
      if (isLast || !BmcError.hasCode(error, 'BMC_AUTH_REFUSED')) throw error;
    }
    terminal.stderr.write(`The board refuses this login of ${login.username}.\n`);
    login = { ...login, password: await typedPassword(login.username, questions) };
  }
}

/**
 * Logs in. A board that serves nothing until the password of the factory is changed has it changed, when there is a new
 * one: from the options and variables of `turingpi board password`, or typed.
 *
 * @throws BmcError `BMC_FACTORY_PASSWORD` when nobody gives a new one
 */
export async function withNewPassword(
  told: BoardLogin,
  options: Pick<InitOptions, 'newPasswordEnv' | 'newPasswordFile'>,
  asking: Asking,
): Promise<BoardLogin> {
  const { questions, terminal, signal } = asking;
  const login = await acceptedLogin(told, asking);
  await using client = asking.open(login.password);
  try {
    await client.capabilities({ signal });
    return login;
  } catch (error) {
    if (!BmcError.hasCode(error, 'BMC_FACTORY_PASSWORD')) throw error;
    const source =
      options.newPasswordEnv ?? options.newPasswordFile ?? given(terminal.environment['TPI_NEW_PASSWORD']);
    if (source === undefined && !(await wantsChange(questions))) throw error;
  }
  const wanted = await newPassword(options, terminal);
  await client.access.changePassword(
    { username: login.username, current: login.password, wanted },
    { signal },
  );
  terminal.stderr.write(`The password of ${login.username} on the board is changed, for SSH as well.\n`);
  // What names the old one would be wrong from now on.
  return { ...login, password: wanted, reference: await referenceAfter(login.reference, options, terminal) };
}

function wantsChange(questions: Questions): Promise<boolean> {
  return questions.confirm({
    message: 'The board serves nothing until the password it was shipped with is changed. Change it now?',
    flag: '--new-password-env or --new-password-file',
    initial: questions.canAsk,
  });
}

async function referenceAfter(
  before: PasswordReference,
  { newPasswordFile, newPasswordEnv }: Pick<InitOptions, 'newPasswordEnv' | 'newPasswordFile'>,
  terminal: Terminal,
): Promise<PasswordReference> {
  if (newPasswordFile !== undefined)
    return Promise.resolve({ kind: 'file', path: path.resolve(terminal.cwd, newPasswordFile) });
  if (newPasswordEnv !== undefined) return { kind: 'env', name: newPasswordEnv };
  if (before.kind !== 'env') return { kind: 'new-file' };
  terminal.stderr.write(`Set ${before.name} to the new one before the next command.\n`);
  return before;
}

async function readPassword(file: string): Promise<Secret> {
  try {
    const text = secretText((await readRegularFile(file)).toString('utf8'));
    if (text !== '') return new Secret(text);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new UsageError(
      `cannot read the password of the board from ${file}: ${why}`,
      'Give another --password-file.',
    );
  }
  throw new UsageError(`${file} is empty`, 'Put the password of the board into it.');
}
