import { nodeArgument } from '@turingpi/foundation';
import type { Node } from '@turingpi/core/plugin';
import { RuntimeError } from '@turingpi/runtime';
import type { ReadLogin } from './recorded-login.js';

/**
 * What there is to do about a node that does not let us in, or is not the one on record: this package knows what the record
 * lacks, and what the node is called on the command line.
 *
 * @param error - what a connection failed with
 * @returns It, or one with the same code that says more.
 */
export function explainRefusal(
  error: unknown,
  { missing }: Pick<ReadLogin, 'missing'>,
  { id, board }: Pick<Node, 'id' | 'board'>,
): unknown {
  if (!(error instanceof RuntimeError)) return error;
  if (error.code === 'SSH_HOST_KEY_MISMATCH') {
    const name = nodeArgument(id, board);
    return new RuntimeError('SSH_HOST_KEY_MISMATCH', error.message, {
      cause: error,
      details: error.details,
      hint:
        'Nothing secret was sent. Another machine may have this address, or the node was installed by other means. ' +
        `Compare the fingerprint on its serial console (\`turingpi node uart --node ${name} --follow\`): ` +
        `\`turingpi adopt ${name}\` takes what runs there for yours, \`turingpi reinstall ${name}\` installs it anew.`,
    });
  }
  if (error.code !== 'SSH_AUTH_REFUSED' || missing === undefined) return error;
  return new RuntimeError('SSH_AUTH_REFUSED', `${error.message}; ${missing}`, {
    cause: error,
    hint:
      'Give the password to the post-installer, for example postInstaller({ password: { env: NAME } }), or ' +
      '`ssh.privateKey` or `ssh.password` in the configuration. Of your own identities and keys in an agent only ' +
      'those that the image lets in are of use.',
  });
}
