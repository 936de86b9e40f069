import { promisify } from 'node:util';
import { Secret } from '@turingpi/foundation';
import { loadSsh2 } from '../load-ssh2.js';
import { parsePublicKey } from './public-key.js';

/** A kind of key that we generate. */
export type GeneratedKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** Both halves of an SSH key. */
export interface SshKeyPair {
  readonly type: GeneratedKeyType;
  /** In OpenSSH's own private key format without a passphrase, ending in a newline; belongs into a file of mode 0600. */
  readonly privateKey: Secret;
  /** OpenSSH one-line form without a line end. */
  readonly publicKey: string;
  /** `SHA256:` and base64, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

type KeyPairGenerator = (
  type: GeneratedKeyType,
  options: { readonly bits: number; readonly comment: string },
) => Promise<{ readonly private: string; readonly public: string }>;

// The typings tie options to types through overloads, which promisify cannot follow.
const generate: KeyPairGenerator = (type, options) =>
  (promisify(loadSsh2().utils.generateKeyPair) as unknown as KeyPairGenerator)(type, options);

const BITS: Readonly<Record<GeneratedKeyType, number>> = { ed25519: 256, ecdsa: 256, rsa: 3072 };

const ATTEMPTS = 20;
const PROBE = Buffer.from('a message to sign');

/**
 * Whether both halves can be read back and belong together.
 *
 * @remarks ssh2 drops leading zeros while it takes generated keys apart, so about one Ed25519 pair in a hundred is
 * malformed.
 */
function isSound(pair: { readonly private: string; readonly public: string }): boolean {
  const { parseKey } = loadSsh2().utils;
  const privateKey = parseKey(pair.private);
  const publicKey = parseKey(pair.public);
  if (privateKey instanceof Error || publicKey instanceof Error) return false;
  const signature: unknown = privateKey.sign(PROBE);
  const verified: unknown = Buffer.isBuffer(signature) && publicKey.verify(PROBE, signature);
  return verified === true; // both calls return an Error where something is wrong, whatever their typings say
}

/** Generates a key pair: for a node to identify itself with, or for a user to log in with. */
export async function generateKeyPair(
  type: GeneratedKeyType = 'ed25519',
  options: { readonly comment?: string } = {},
): Promise<SshKeyPair> {
  let pair = await generate(type, { bits: BITS[type], comment: options.comment ?? '' });
  for (let attempt = 1; !isSound(pair); attempt += 1) {
    if (attempt === ATTEMPTS) throw new Error(`no sound ${type} key was generated in ${ATTEMPTS} attempts`);
    pair = await generate(type, { bits: BITS[type], comment: options.comment ?? '' });
  }
  const publicKey = pair.public.trim();
  return {
    type,
    privateKey: new Secret(pair.private.endsWith('\n') ? pair.private : `${pair.private}\n`),
    publicKey,
    fingerprint: parsePublicKey(publicKey).fingerprint,
  };
}
