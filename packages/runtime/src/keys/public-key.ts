import { createHash } from 'node:crypto';
import { RuntimeError } from '../runtime-error.js';

const TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;

/** Types of keys that are accepted. DSA is gone from OpenSSH; security-key types cannot be host keys here. */
export type PublicKeyType = (typeof TYPES)[number];

/** Types for `authorized_keys` lines that are valid without our being able to check their inner structure. */
const OPAQUE_TYPES = ['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const;

/** A public SSH key, taken apart. */
export interface PublicKey {
  readonly type: PublicKeyType | (typeof OPAQUE_TYPES)[number];
  /** The key in base64, as in a one-line public key. */
  readonly base64: string;
  readonly comment: string | undefined;
  /** What stands before the key in `authorized_keys`, for example `from="10.0.0.0/8",no-pty`. */
  readonly options: string | undefined;
  /** `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Type and base64, without options and comment: what two lines are compared by. */
  readonly identity: string;
}

/**
 * Reads a public key in OpenSSH one-line form, for example `ssh-ed25519 AAAA... me@host`, with or without the options
 * that `authorized_keys` lets stand before it.
 *
 * @throws RuntimeError `SSH_PRIVATE_KEY_GIVEN` for a private key (whose text is never shown),
 * `SSH_PUBLIC_KEY_INVALID` for anything else that is not such a line.
 */
export function parsePublicKey(line: string): PublicKey {
  const text = line.trim();
  if (text.includes('PRIVATE KEY') || text.startsWith('PuTTY-User-Key-File'))
    throw new RuntimeError('SSH_PRIVATE_KEY_GIVEN', 'A private key was given where a public key is wanted.');
  if (text === '') throw invalid('it is empty');
  if (/[\r\n]/.test(text)) throw invalid(`it has more than one line${advice(text)}`);
  const { options, key } = takeOptions(text);
  const [type, base64, ...comment] = key.split(/[ \t]+/);
  const known = keyType(type);
  if (known === undefined) throw invalid(`"${shorten(type ?? '')}" is not a known key type${advice(text)}`);
  if (base64 === undefined) throw invalid('the key itself is missing after its type');
  const blob = Buffer.from(base64, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || blob.toString('base64') !== base64)
    throw invalid('the key is not base64; perhaps it was cut off');
  if (readString(blob) !== known)
    throw invalid(`what is in the key is not of type ${known}; perhaps it was cut off`);
  if (isCheckable(known) && !isWellFormed(known, blob)) throw invalid('the key is incomplete or malformed');
  return {
    type: known,
    base64,
    comment: comment.length === 0 ? undefined : comment.join(' '),
    options,
    fingerprint: fingerprintOf(blob),
    identity: `${known} ${base64}`,
  };
}

function keyType(word: string | undefined): PublicKey['type'] | undefined {
  return [...TYPES, ...OPAQUE_TYPES].find((candidate) => candidate === word);
}

/**
 * Splits a line as sshd does: where it does not begin with a type, its first word is options, in which quotes hold
 * white space together.
 */
function takeOptions(text: string): { readonly options: string | undefined; readonly key: string } {
  const [, options = '', key = ''] = /^((?:"(?:\\"|[^"])*"|[^\s"])+)[ \t]+(.*)$/.exec(text) ?? [];
  if (keyType(options) !== undefined || keyType(key.split(/[ \t]+/)[0]) === undefined)
    return { options: undefined, key: text };
  const wrong = optionsOf(options).find((option) => !KNOWN_OPTION.test(option));
  if (wrong !== undefined)
    throw invalid(`"${shorten(wrong)}" before the key is no option of authorized_keys`);
  return { options, key };
}

/** sshd ignores the whole line when it does not know one of them. */
const KNOWN_OPTION =
  /^(?:(?:no-)?(?:agent-forwarding|port-forwarding|pty|user-rc|x11-forwarding|touch-required)|cert-authority|restrict|verify-required|(?:command|environment|expiry-time|from|permitlisten|permitopen|principals|tunnel)="(?:\\"|[^"])*")$/i;

function optionsOf(text: string): string[] {
  return text.match(/(?:"(?:\\"|[^"])*"|[^,"])+/g) ?? [];
}

/** What to do with what is something else, as far as it can be recognised. */
function advice(text: string): string {
  if (text.startsWith('---- BEGIN SSH2'))
    return '; it is in the form of PuTTY (RFC 4716), which `ssh-keygen -i -f FILE` converts';
  return /^(~|\.{0,2})[/\\]|\.pub$/.test(text)
    ? '; it looks like a path: give the line that is in the file'
    : '';
}

/** The fingerprint of a key in its binary form, as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The one-line form of a key given in its binary form; the type is inside it. */
export function publicKeyLine(blob: Buffer): string {
  return `${readString(blob) ?? 'unknown'} ${blob.toString('base64')}`;
}

/** Bytes of a point on each curve, uncompressed. */
const POINT_BYTES: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };

/** Whether the key has all of its parts, and nothing else. */
function isWellFormed(type: PublicKeyType, blob: Buffer): boolean {
  const [, first, second, ...more] = partsOf(blob) ?? [];
  if (first === undefined || more.length > 0) return false;
  if (type === 'ssh-ed25519') return first.length === 32 && second === undefined;
  if (second === undefined) return false;
  if (type === 'ssh-rsa') return first.length > 0 && second.length > 0;
  const curve = first.toString('latin1');
  return type === `ecdsa-sha2-${curve}` && second.length === POINT_BYTES[curve] && second[0] === 4;
}

/** The parts of a key in its binary form, each behind its length; undefined when the last one is cut off. */
function partsOf(blob: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function isCheckable(type: PublicKey['type']): type is PublicKeyType {
  return TYPES.some((candidate) => candidate === type);
}

function readString(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return blob.length < 4 + length ? undefined : blob.subarray(4, 4 + length).toString('latin1');
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function invalid(why: string): RuntimeError {
  return new RuntimeError('SSH_PUBLIC_KEY_INVALID', `This is not a public SSH key: ${why}.`);
}
