import type { ServerHostKeyAlgorithm } from 'ssh2';
import { fingerprintOf, parsePublicKey, publicKeyLine, type PublicKey } from '../keys/public-key.js';
import { RuntimeError } from '../runtime-error.js';
import { describeTarget, SSH_PORT, type SshTarget } from './ssh-target.js';

const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  // A key of type ssh-rsa signs with SHA-2; the SHA-1 signature that shares its name is not accepted.
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Decides whether the server at the other end is the one that is meant, before any credential is sent. */
export class HostKeyPolicy {
  readonly #expected: readonly PublicKey[] | undefined;
  #presented: string | undefined;
  #refusal: RuntimeError | undefined;

  /** @throws RuntimeError `SSH_HOST_KEY_UNKNOWN` without keys, `SSH_PUBLIC_KEY_INVALID` for a bad one. */
  constructor(readonly target: SshTarget) {
    if (typeof target.hostKeys === 'function') return;
    this.#expected = target.hostKeys.map((line) => parsePublicKey(line));
    if (this.algorithms?.length === 0)
      throw new RuntimeError(
        'SSH_HOST_KEY_UNKNOWN',
        `No host key is known for ${describeTarget(target)}, so it cannot be told from an impostor.`,
      );
  }

  /** Only the algorithms of keys that we know, so that a server with several keys shows one of those. */
  get algorithms(): ServerHostKeyAlgorithm[] | undefined {
    return this.#expected && [...new Set(this.#expected.flatMap((key) => ALGORITHMS[key.type] ?? []))];
  }

  /** The key that the server presented, in one-line form. */
  get presented(): string | undefined {
    return this.#presented;
  }

  /** Why the server was refused. */
  get refusal(): RuntimeError | undefined {
    return this.#refusal;
  }

  /** Judges the key that the server presents (binary form). */
  async accepts(blob: Buffer): Promise<boolean> {
    const publicKey = publicKeyLine(blob);
    const fingerprint = fingerprintOf(blob);
    this.#presented = publicKey;
    const { host, port = SSH_PORT, hostKeys } = this.target;
    const accepted =
      typeof hostKeys === 'function'
        ? await hostKeys({ host, port, publicKey, fingerprint })
        : (this.#expected ?? []).some((key) => key.identity === publicKey);
    if (!accepted) this.#refusal = this.mismatch(`it showed ${fingerprint}`);
    return accepted;
  }

  /** Whether a key is the one that was presented when the server was judged. */
  isPresented(blob: Buffer): boolean {
    return publicKeyLine(blob) === this.#presented;
  }

  /** The error for a server that is not the expected one. */
  mismatch(how: string, cause?: unknown): RuntimeError {
    const expected = this.#expected?.map((key) => key.fingerprint) ?? [];
    return new RuntimeError(
      'SSH_HOST_KEY_MISMATCH',
      `${describeTarget(this.target)} is not the expected machine: ${how}` +
        (expected.length === 0 ? '.' : `, expected ${expected.join(' or ')}.`),
      {
        cause,
        hint: 'Another machine may be using this address, the node may still run an older installation, or its first boot replaced the host keys. Nothing secret was sent.',
        details: { host: this.target.host, presented: this.#presented, expected },
      },
    );
  }
}
