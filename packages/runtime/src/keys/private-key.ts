import type { Secret } from '@turingpi/foundation';
import type { ParsedKey } from 'ssh2';
import { loadSsh2 } from '../load-ssh2.js';
import { RuntimeError } from '../runtime-error.js';
import { type PublicKey, publicKeyLine } from './public-key.js';

/** A private key that was read: what an SSH connection takes, of which no more is told than its type. */
export interface PrivateKey {
  /** As in `authorized_keys`: `ssh-ed25519`. */
  readonly type: string;
}

/**
 * Reads a private key.
 *
 * @throws RuntimeError `SSH_PRIVATE_KEY_INVALID` saying what was given instead; never its text.
 */
export function parsePrivateKey(key: Secret, passphrase: Secret | undefined): PrivateKey {
  const text = key.reveal();
  // A file with several keys parses to an array, which the typings leave out.
  const parsed: unknown = loadSsh2().utils.parseKey(text, passphrase?.reveal());
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (isPrivateKey(first)) return first;
  throw new RuntimeError(
    'SSH_PRIVATE_KEY_INVALID',
    `The private key cannot be used: ${problem(text, first, passphrase)}.`,
  );
}

/**
 * The public half of a private key, as {@link PublicKey.identity} has it.
 *
 * @throws RuntimeError `SSH_PRIVATE_KEY_INVALID`
 */
export function publicHalfOf(key: Secret, passphrase: Secret | undefined): PublicKey['identity'] {
  // ssh2's keys have both halves; the interface tells no more than others need.
  const parsed = parsePrivateKey(key, passphrase) as PrivateKey & Pick<ParsedKey, 'getPublicSSH'>;
  return publicKeyLine(parsed.getPublicSSH());
}

/** Whether a text that should be a private key is the path of one. */
export function looksLikePath(text: string): boolean {
  return text.length < 1024 && /^\S+$/.test(text) && /[/\\]|^id_|\.(pem|key)$/.test(text);
}

function problem(text: string, parsed: unknown, passphrase: Secret | undefined): string {
  if (looksLikePath(text)) return 'it is a path; write it as { file: PATH }';
  if (!text.includes('PRIVATE KEY') && !text.startsWith('PuTTY-User-Key-File'))
    return isKey(parsed) ? 'it is a public key' : 'it is no key';
  const reason = parsed instanceof Error ? parsed.message : '';
  if (/no passphrase/i.test(reason)) return 'it is protected by a passphrase, which is not given';
  if (/passphrase|integrity|decrypt/i.test(reason) && passphrase !== undefined)
    return 'the passphrase does not fit';
  return 'it is incomplete or malformed';
}

function isKey(key: unknown): key is PrivateKey & { isPrivateKey(): boolean } {
  return typeof key === 'object' && key !== null && 'isPrivateKey' in key;
}

function isPrivateKey(key: unknown): key is PrivateKey {
  return isKey(key) && key.isPrivateKey();
}
