import os from 'node:os';
import path from 'node:path';
import { expandHome } from '@turingpi/core';
import { TuringPiError } from '@turingpi/foundation';
import { generateKeyPair } from '@turingpi/runtime';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import type { InitOptions } from './init-options.js';
import { type LocalKey, localKeys, readLocalKey } from './local-keys.js';
import type { Questions } from './questions.js';
import type { NewFile } from './write-new-files.js';

/** Who logs in to the nodes, and with what. */
export interface ChosenAccess {
  readonly user: string;
  readonly publicKey: string;
  /** Absolute; undefined where an agent is asked. */
  readonly privateKeyFile: string | undefined;
  /** A key that was made for it. */
  readonly newFiles: readonly NewFile[];
}

const DEFAULT_USER = 'admin';
const NEW_KEY = 'turingpi-key';
const NEW = 'new';

/** @param folder - where the configuration, and a new key, go */
export async function chooseAccess(
  options: Pick<InitOptions, 'nodeUser' | 'sshKey'>,
  {
    questions,
    terminal,
    folder,
  }: { readonly questions: Questions; readonly terminal: Terminal; readonly folder: string },
): Promise<ChosenAccess> {
  const user =
    options.nodeUser ??
    (await questions.text({ message: 'User on the nodes', flag: '--node-user', initial: DEFAULT_USER }));
  const keys = await localKeys(path.join(terminal.environment['HOME'] ?? os.homedir(), '.ssh'));
  const wanted = options.sshKey ?? (await askForKey(keys, questions));
  if (wanted === NEW) return { user, ...(await newKey(folder)) };
  const key = await readLocalKey(path.resolve(terminal.cwd, expandHome(wanted))).catch((cause: unknown) => {
    const why = TuringPiError.is(cause) ? cause.message : String((cause as NodeJS.ErrnoException).code);
    throw new UsageError(
      `--ssh-key ${wanted} is no public key: ${why}`,
      'Give a file that ends in .pub, or new.',
    );
  });
  return { user, publicKey: key.line, privateKeyFile: key.privateFile, newFiles: [] };
}

function askForKey(keys: readonly LocalKey[], questions: Questions): Promise<string> {
  return questions.choose<string>({
    message: 'SSH key that lets you in',
    flag: '--ssh-key FILE.pub, or --ssh-key new',
    choices: [
      ...keys.map(({ file, fingerprint, privateFile }) => ({
        value: file,
        label: file,
        hint: `${fingerprint}${privateFile === undefined ? ', with an agent' : ''}`,
      })),
      { value: NEW, label: 'a new one, in a file beside the configuration' },
    ],
    // Without one that can be used as it is, a new one always works.
    initial: keys.find(({ privateFile }) => privateFile !== undefined)?.file ?? NEW,
  });
}

async function newKey(folder: string): Promise<Omit<ChosenAccess, 'user'>> {
  const { privateKey, publicKey } = await generateKeyPair('ed25519', { comment: NEW_KEY });
  const file = path.join(folder, NEW_KEY);
  return {
    publicKey,
    privateKeyFile: file,
    newFiles: [
      { path: file, content: privateKey.reveal(), mode: 0o600 },
      { path: `${file}.pub`, content: `${publicKey}\n`, mode: 0o644 },
    ],
  };
}
