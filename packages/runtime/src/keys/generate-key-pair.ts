import { promisify } from 'node:util';
import { Secret } from '@turingpi/core/plugin';
import ssh2 from 'ssh2';
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
const generate = promisify(ssh2.utils.generateKeyPair) as unknown as KeyPairGenerator;

const BITS: Readonly<Record<GeneratedKeyType, number>> = { ed25519: 256, ecdsa: 256, rsa: 3072 };

/** Generates a key pair: for a node to identify itself with, or for a user to log in with. */
export async function generateKeyPair(
  type: GeneratedKeyType = 'ed25519',
  options: { readonly comment?: string } = {},
): Promise<SshKeyPair> {
  const pair = await generate(type, { bits: BITS[type], comment: options.comment ?? '' });
  const publicKey = pair.public.trim();
  return {
    type,
    privateKey: new Secret(pair.private.endsWith('\n') ? pair.private : `${pair.private}\n`),
    publicKey,
    fingerprint: parsePublicKey(publicKey).fingerprint,
  };
}
