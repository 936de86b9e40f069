import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256, hex: for what may be secret and easy to guess. A plain hash of a weak password would let anyone who
 * reads the state file, or the image, guess it.
 *
 * @param key - that of the state file's secrets
 */
export function keyedDigest(content: string | Uint8Array, key: Uint8Array): string {
  return createHmac('sha256', key).update(content).digest('hex');
}
