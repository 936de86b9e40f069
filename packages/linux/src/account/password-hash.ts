import { randomBytes } from 'node:crypto';
import { type Secret } from '@turingpi/core/plugin';
import { encrypt } from 'unixcrypt';
import { LinuxError } from '../linux-error.js';

const ROUNDS = 50_000;

/** @throws LinuxError `PASSWORD_EMPTY`, `PASSWORD_INVALID`; never shows the password. */
export function checkPassword(password: Secret): void {
  const value = password.reveal();
  if (value === '')
    throw new LinuxError('PASSWORD_EMPTY', 'the password of the first user is empty', {
      hint: 'Leave it out to allow keys only, or give a password.',
    });
  if (/[\0\r\n]/.test(value) || Buffer.byteLength(value) > 256)
    throw new LinuxError(
      'PASSWORD_INVALID',
      'the password has a line end or NUL in it, or is longer than 256 bytes',
      {
        hint: 'Such a password cannot be typed at a login. Does the file it comes from have several lines?',
      },
    );
}

/** Hashes a password for `/etc/shadow`: SHA-512 crypt with a random salt, understood by every glibc. */
export function hashPassword(password: Secret): string {
  const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const salt = [...randomBytes(16)].map((byte) => alphabet[byte & 63]).join('');
  return encrypt(password.reveal(), `$6$rounds=${ROUNDS}$${salt}`);
}
