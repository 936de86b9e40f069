import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';
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
  /** `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Type and base64, without the comment: what two lines are compared by. */
  readonly identity: string;
}

/**
 * Reads a public key in OpenSSH one-line form, for example `ssh-ed25519 AAAA... me@host`.
 *
 * @throws RuntimeError `SSH_PRIVATE_KEY_GIVEN` for a private key (whose text is never shown),
 * `SSH_PUBLIC_KEY_INVALID` for anything else that is not such a line.
 */
export function parsePublicKey(line: string): PublicKey {
  const text = line.trim();
  if (text.includes('PRIVATE KEY') || text.startsWith('PuTTY-User-Key-File'))
    throw new RuntimeError('SSH_PRIVATE_KEY_GIVEN', 'A private key was given where a public key is wanted.');
  if (text === '') throw invalid('it is empty');
  if (/[\r\n]/.test(text)) throw invalid('it has more than one line');
  const [type, base64, ...comment] = text.split(/[ \t]+/);
  const known = [...TYPES, ...OPAQUE_TYPES].find((candidate) => candidate === type);
  if (known === undefined) throw invalid(`"${shorten(type ?? '')}" is not a known key type`);
  if (base64 === undefined) throw invalid('the key itself is missing after its type');
  const blob = Buffer.from(base64, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || blob.toString('base64') !== base64)
    throw invalid('the key is not base64; perhaps it was cut off');
  if (readString(blob) !== known)
    throw invalid(`what is in the key is not of type ${known}; perhaps it was cut off`);
  if (isCheckable(known) && ssh2.utils.parseKey(`${known} ${base64}`) instanceof Error)
    throw invalid('the key is incomplete or malformed');
  return {
    type: known,
    base64,
    comment: comment.length === 0 ? undefined : comment.join(' '),
    fingerprint: fingerprintOf(blob),
    identity: `${known} ${base64}`,
  };
}

/** The fingerprint of a key in its binary form, as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The one-line form of a key given in its binary form; the type is inside it. */
export function publicKeyLine(blob: Buffer): string {
  return `${readString(blob) ?? 'unknown'} ${blob.toString('base64')}`;
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
