import { withoutByteOrderMark } from '../config/decode-text.js';

/**
 * The secret in a text that editors and shells have handled: without a byte order mark before it, and without the one
 * line end (LF or CRLF) after it that they add.
 *
 * @remarks Exactly one: what is left is tried as a login, and each wrong try counts towards a ban.
 */
export function secretText(text: string): string {
  return withoutByteOrderMark(text).replace(/\r?\n$/, '');
}
