import type { Secret } from '@turingpi/foundation';

/**
 * What crypt(5) writes, complete: SHA-256, SHA-512, yescrypt, gost-yescrypt, scrypt and bcrypt. All but the first two
 * are known to libxcrypt only, which Debian has had since 11 and Ubuntu since 20.04.
 */
const HASHES: readonly RegExp[] = [
  /^\$5\$(rounds=\d{4,9}\$)?[^$:\s]{1,16}\$[./0-9A-Za-z]{43}$/,
  /^\$6\$(rounds=\d{4,9}\$)?[^$:\s]{1,16}\$[./0-9A-Za-z]{86}$/,
  /^\$g?y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43}$/,
  /^\$7\$[./0-9A-Za-z]{11,97}\$[./0-9A-Za-z]{43}$/,
  /^\$2[aby]\$\d{2}\$[./0-9A-Za-z]{53}$/,
];

/** Whether a password is given as its hash, as `mkpasswd` and `/etc/shadow` have it. */
export function isHashedPassword(password: Secret): boolean {
  const value = password.reveal();
  return HASHES.some((hash) => hash.test(value));
}

/** Whether a password looks like a hash and is none that can be used: cut off, or of a kind that is out of use. */
export function isUnusableHash(password: Secret): boolean {
  return /^\$[0-9a-z]{1,3}\$/.test(password.reveal()) && !isHashedPassword(password);
}
