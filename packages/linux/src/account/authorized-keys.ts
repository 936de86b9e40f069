import type { ImageFiles } from '@turingpi/image';
import { parsePublicKey } from '@turingpi/runtime';
import type { PasswdEntry } from './account-database.js';

/** Type and bytes of a key, without options and comment: what makes two lines the same key. */
export function keyOf(line: string): string {
  return (
    /(?:^|\s)((?:ssh|ecdsa|sk)-[^\s"]+\s+AAAA[A-Za-z0-9+/]+)/.exec(line)?.[1]?.replace(/\s+/, ' ') ?? line
  );
}

/**
 * Lays keys over those of an `authorized_keys` file. Lines that are there stay, except other forms of the keys that are
 * given: sshd takes the first line of a key, with whatever options it has.
 */
export function renderAuthorizedKeys(existing: string | undefined, keys: readonly string[]): string {
  const given = new Map(keys.map((key) => [keyOf(key.trim()), key.trim()]));
  const kept = (existing ?? '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !given.has(keyOf(line.trim())));
  return [...kept, ...given.values()].map((line) => `${line}\n`).join('');
}

/**
 * An `authorized_keys` file without some keys; lines that are no keys stay.
 *
 * @param absent - key lines, or fingerprints as `ssh-keygen -l` prints them; what is before a key or a fingerprint does not count
 */
export function withoutKeys(existing: string | undefined, absent: readonly string[]): string | undefined {
  const gone = new Set(absent.map((key) => /SHA256:\S+$/.exec(key)?.[0] ?? fingerprintOf(key)));
  return existing
    ?.split('\n')
    .filter((line) => !gone.has(fingerprintOf(line) ?? line))
    .join('\n');
}

function fingerprintOf(line: string): string | undefined {
  try {
    return parsePublicKey(keyOf(line.trim())).fingerprint;
  } catch {
    return undefined; // a comment, or a kind of key that is not known
  }
}

/**
 * Lets keys in, with `~/.ssh` as sshd insists on it (StrictModes): the user's own, 0700, the file 0600; and a home that
 * nobody else may write to. A home that is so already keeps its mode and owner.
 */
export async function authorizeKeys(
  root: ImageFiles,
  user: PasswdEntry,
  keys: readonly string[],
): Promise<void> {
  const owner = { uid: user.uid, gid: user.gid };
  const home = await root.stat(user.home);
  if (home.uid !== user.uid && home.uid !== 0) await root.setAttributes(user.home, owner);
  if ((home.mode & 0o022) !== 0) await root.setAttributes(user.home, { mode: home.mode & ~0o022 & 0o7777 });
  const directory = `${user.home}/.ssh`;
  await root.mkdir(directory);
  await root.setAttributes(directory, { ...owner, mode: 0o700 });
  const file = `${directory}/authorized_keys`;
  const content = renderAuthorizedKeys(await root.readText(file), keys);
  await root.writeFile(file, content, { ...owner, mode: 0o600 });
}
