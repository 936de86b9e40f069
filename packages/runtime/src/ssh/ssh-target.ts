import type { Secret } from '@turingpi/foundation';

/** Ways to prove who is logging in, tried in this order: private key, agent, password. */
export interface SshAuthentication {
  /** A private key in OpenSSH or PEM form. */
  readonly privateKey?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
  /** The agent's socket, or `true` for the one in the environment (`SSH_AUTH_SOCK`; OpenSSH's pipe on Windows). */
  readonly agent?: boolean | string | undefined;
  /** Also answers sudo, where sudo asks. */
  readonly password?: Secret | undefined;
}

/** Who answers, for a decision about a host key that is not known yet. */
export interface PresentedHostKey {
  readonly host: string;
  readonly port: number;
  /** OpenSSH one-line form. */
  readonly publicKey: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** A node's SSH server and the user to be there. */
export interface SshTarget {
  readonly host: string;
  /** Default 22. */
  readonly port?: number;
  readonly username: string;
  readonly auth: SshAuthentication;
  /**
   * What the server must identify itself with: public keys in one-line form, any of which will do; or a decision
   * about the key presented. There is no trust on first use: an empty list is an error.
   */
  readonly hostKeys: readonly string[] | ((presented: PresentedHostKey) => boolean | Promise<boolean>);
  /**
   * A server that is logged in to first, and from which the connection is made: the BMC, or any host that reaches the
   * node. It must allow TCP forwarding. Its own host key is verified likewise, and the node's is through it: it carries
   * bytes and is given no secret of the node's.
   */
  readonly jump?: SshTarget | undefined;
}

/** Default port of SSH. */
export const SSH_PORT = 22;

/** A target for people: `user@host`, with the port when it is not the usual one. */
export function describeTarget(target: SshTarget): string {
  const port = target.port ?? SSH_PORT;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${target.username}@${host}${port === SSH_PORT ? '' : `:${port}`}`;
}
