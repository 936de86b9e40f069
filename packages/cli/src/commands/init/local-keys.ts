import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readRegularFile, Secret, TuringPiError } from '@turingpi/foundation';
import { checkPrivateKey, parsePublicKey } from '@turingpi/runtime';

/** A public SSH key of this computer. */
export interface LocalKey {
  /** Of the public half. */
  readonly file: string;
  /** As in `authorized_keys`. */
  readonly line: string;
  readonly fingerprint: string;
  /** Where its private half is; undefined where it is not there, or has a passphrase: then an agent has it, perhaps. */
  readonly privateFile: string | undefined;
}

const PREFERRED = ['ssh-ed25519', 'ecdsa-', 'ssh-rsa'];

/** The public keys in a folder such as `~/.ssh`, the best first; what is none is left out. */
export async function localKeys(folder: string): Promise<readonly LocalKey[]> {
  const names = await readdir(folder).catch(() => []);
  const keys: LocalKey[] = [];
  for (const name of names.filter((one) => one.endsWith('.pub')).sort()) {
    const key = await readLocalKey(path.join(folder, name)).catch(() => undefined);
    if (key !== undefined) keys.push(key);
  }
  return keys.sort((a, b) => rank(a) - rank(b));
}

/**
 * One key by the file of either half.
 *
 * @throws RuntimeError `SSH_PUBLIC_KEY_INVALID`; what the system says of a file that cannot be read
 */
export async function readLocalKey(named: string): Promise<LocalKey> {
  const file = named.endsWith('.pub') ? named : `${named}.pub`;
  const line = (await readRegularFile(file)).toString('utf8').trim();
  const { fingerprint } = parsePublicKey(line);
  const privateFile = file.replace(/\.pub$/, '');
  return { file, line, fingerprint, privateFile: (await isUsable(privateFile)) ? privateFile : undefined };
}

async function isUsable(file: string): Promise<boolean> {
  try {
    checkPrivateKey(new Secret((await readRegularFile(file)).toString('utf8')), undefined);
    return true;
  } catch (error) {
    if (TuringPiError.is(error) || error instanceof Error) return false;
    throw error;
  }
}

function rank({ line }: LocalKey): number {
  const at = PREFERRED.findIndex((type) => line.startsWith(type));
  return at === -1 ? PREFERRED.length : at;
}
