import { parsePublicKey } from '@turingpi/runtime';

/** A server and the keys that it is known by. */
export interface KnownHost {
  /** Addresses and names, each with its port where it is not the usual one: `[192.168.1.101]:2222`. */
  readonly names: readonly string[];
  /** In OpenSSH one-line form. */
  readonly hostKeys: readonly string[];
}

/**
 * A file of known hosts as sshd(8) describes it.
 *
 * @throws RuntimeError `SSH_PUBLIC_KEY_INVALID`: keys of a node that was adopted are what it said they are.
 */
export function renderKnownHosts(hosts: readonly KnownHost[]): string {
  return hosts
    .flatMap(({ names, hostKeys }) =>
      hostKeys.map((line) => `${names.join(',')} ${parsePublicKey(line).identity}\n`),
    )
    .join('');
}
