import { createHmac } from 'node:crypto';
import { RuntimeError } from '../runtime-error.js';
import { parsePublicKey } from './public-key.js';

/** The usual port of SSH: a server there is named without it. */
const SSH_PORT = 22;

/**
 * The host keys that a file of known hosts has for a server, as sshd(8) describes its lines: names with patterns and
 * exceptions, names that are hashed, and keys that are revoked. Authorities are not taken for keys of a host, and lines that
 * are none are passed over, as OpenSSH does.
 *
 * @param text - the file's content
 * @returns Keys in one-line form, as {@link SshTarget.hostKeys} takes them; none where the server is not known.
 */
export function knownHostKeys(
  text: string,
  { host, port = SSH_PORT }: { readonly host: string; readonly port?: number },
): readonly string[] {
  const name = (port === SSH_PORT ? host : `[${host}]:${port}`).toLowerCase();
  const lines = text.split(/\r?\n/).flatMap((line) => parseLine(line));
  const revoked = new Set(lines.filter(({ marker }) => marker === '@revoked').map(({ key }) => key));
  const keys = lines
    .filter(({ marker, names, key }) => marker === '' && !revoked.has(key) && isMeant(name, names))
    .map(({ key }) => key);
  return [...new Set(keys)];
}

interface KnownHostLine {
  readonly marker: string;
  readonly names: string;
  readonly key: string;
}

function parseLine(line: string): readonly KnownHostLine[] {
  const [, marker = '', names = '', key = ''] =
    /^\s*(?:(@\S+)\s+)?([^\s#@]\S*)\s+(\S+\s+\S.*)$/.exec(line) ?? [];
  try {
    return key === '' ? [] : [{ marker, names, key: parsePublicKey(key).identity }];
  } catch (error) {
    if (error instanceof RuntimeError) return [];
    throw error;
  }
}

function isMeant(name: string, names: string): boolean {
  if (names.startsWith('|')) return isHashOf(name, names);
  const patterns = names.toLowerCase().split(',');
  const isExcepted = patterns.some((pattern) => pattern.startsWith('!') && fits(name, pattern.slice(1)));
  return !isExcepted && patterns.some((pattern) => fits(name, pattern));
}

/** `|1|SALT|HASH`, both in base64: HMAC-SHA1 of the name, with the salt for its key. */
function isHashOf(name: string, hashed: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  if (version !== '1') return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` stands for any number of signs and `?` for one. Compared without going back more than to the last `*`. */
function fits(name: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern;
      resume = at;
      inPattern += 1;
    } else if (pattern[inPattern] === '?' || pattern[inPattern] === name[at]) {
      at += 1;
      inPattern += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      inPattern = star + 1;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
}
