import { generateKeyPair, type GeneratedKeyType, type SshKeyPair } from './generate-key-pair.js';

/** A kind of host key, named as in `ssh_host_<type>_key`. */
export type HostKeyType = GeneratedKeyType;

/** A key pair that a node's SSH server identifies itself with. */
export interface HostKeyPair extends SshKeyPair {
  /** Where OpenSSH looks for the private key; the public one is beside it with `.pub`. */
  readonly path: string;
}

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
    const pair = await generateKeyPair(type, { comment: options.comment ?? 'root@node' });
    pairs.push({ ...pair, path: `/etc/ssh/ssh_host_${type}_key` });
  }
  return pairs;
}
