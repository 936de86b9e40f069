import { promisify } from 'node:util';
import { Secret } from '@turingpi/core/plugin';
import ssh2 from 'ssh2';
import { parsePublicKey } from './public-key.js';

/** A kind of host key, named as in `ssh_host_<type>_key`. */
export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** A key pair that a node's SSH server identifies itself with. */
export interface HostKeyPair {
  readonly type: HostKeyType;
  /** In OpenSSH's own private key format, ending in a newline; belongs into a file of mode 0600. */
  readonly privateKey: Secret;
  /** OpenSSH one-line form without a line end. */
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Where OpenSSH looks for the private key; the public one is beside it with `.pub`. */
  readonly path: string;
}

type KeyPairGenerator = (
  type: HostKeyType,
  options: { readonly bits: number; readonly comment: string },
) => Promise<{ readonly private: string; readonly public: string }>;

// The typings tie options to types through overloads, which promisify cannot follow.
const generateKeyPair = promisify(ssh2.utils.generateKeyPair) as unknown as KeyPairGenerator;

const BITS: Readonly<Record<HostKeyType, number>> = { ed25519: 256, ecdsa: 256, rsa: 3072 };

/**
 * Generates host keys, so that the very first connection to a node can be verified.
 *
 * @param types - Default: Ed25519 and ECDSA, which every SSH client of the last ten years accepts.
 */
export async function generateHostKeys(
  types: readonly HostKeyType[] = ['ed25519', 'ecdsa'],
  options: { readonly comment?: string } = {},
): Promise<HostKeyPair[]> {
  const pairs: HostKeyPair[] = [];
  for (const type of new Set(types)) {
    const pair = await generateKeyPair(type, { bits: BITS[type], comment: options.comment ?? 'root@node' });
    const publicKey = pair.public.trim();
    pairs.push({
      type,
      privateKey: new Secret(pair.private.endsWith('\n') ? pair.private : `${pair.private}\n`),
      publicKey,
      fingerprint: parsePublicKey(publicKey).fingerprint,
      path: `/etc/ssh/ssh_host_${type}_key`,
    });
  }
  return pairs;
}
