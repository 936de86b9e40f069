import type { Secret } from '@turingpi/foundation';
import { encrypt } from 'unixcrypt';
import { LinuxError } from '../linux-error.js';
import { isHashedPassword, isUnusableHash, makePasswordSalt } from '@turingpi/provisioning';

const ROUNDS = 50_000;

/** @throws LinuxError `PASSWORD_EMPTY`, `PASSWORD_INVALID`; never shows the password. */
export function checkPassword(password: Secret): void {
  const value = password.reveal();
  if (value === '')
    throw new LinuxError('PASSWORD_EMPTY', 'the password of the first user is empty', {
      hint: 'Leave it out to allow keys only, or give a password.',
    });
  if (isUnusableHash(password))
    throw new LinuxError('PASSWORD_INVALID', 'the password looks like a hash, and is none that can be used', {
      hint: 'A hash begins with $6$ or $y$ and is complete, as `mkpasswd -m sha-512` prints it.',
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

/**
 * Hashes a password for `/etc/shadow`: SHA-512 crypt, understood by every glibc. One that is given as a hash is taken
 * as it is.
 */
export function hashPassword(password: Secret, salt = makePasswordSalt()): string {
  if (isHashedPassword(password)) return password.reveal();
  return encrypt(password.reveal(), `$6$rounds=${ROUNDS}$${salt}`);
}
