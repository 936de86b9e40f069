import type { Secret } from '@turingpi/foundation';
import { isPlainPrivateKey } from './is-plain-private-key.js';
import { parsePrivateKey } from './private-key.js';

/**
 * Finds out early whether a private key can be used.
 *
 * @throws RuntimeError `SSH_PRIVATE_KEY_INVALID` saying what was given instead; never its text.
 */
export function checkPrivateKey(key: Secret, passphrase: Secret | undefined): void {
  // Most keys are plain ones, and need not be read by the library, which takes longer to load than all other checks.
  if (!isPlainPrivateKey(key.reveal())) parsePrivateKey(key, passphrase);
}
