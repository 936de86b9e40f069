import { Secret } from '@turingpi/foundation';
import { encrypt } from 'unixcrypt';
import { describe, expect, it } from 'vitest';
import { isHashedPassword } from '@turingpi/provisioning';
import { checkPassword, hashPassword } from './password-hash.js';

const HASHES = [
  encrypt('hunter22', '$6$rounds=5000$saltsaltsaltsalt'),
  encrypt('hunter22', '$6$saltsalt'),
  encrypt('hunter22', '$5$saltsalt'),
  // Made by libxcrypt's crypt(3).
  '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$NmPvGudRTKjyK50s.Q98cWaimIaa3Dxf9JxcUI55hw.',
  '$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$VGPoDnnKnwZo9LhfhDc5Pk/9YYo7QIRjJ6MPW8wXyz.',
  '$7$CU..../....2Y4Y5Dd1l9L/T4K.tCUMl0$wab7BdIlhBg6DlXny7w7lNnqg.18yyTsjgnGJsaJKb7',
  '$2b$05$bvIG6Nmid91Mu9RcmmWZfOx/VaOL.6/lQygZCf9Fx6mxXvS/wnBKO',
];

describe('a password given as a hash', () => {
  it.each(HASHES)('%s is taken as it is', (hash) => {
    const password = new Secret(hash);
    expect(isHashedPassword(password)).toBe(true);
    expect(() => checkPassword(password)).not.toThrow();
    expect(hashPassword(password)).toBe(hash);
  });

  it.each([
    ['is cut off', HASHES[0]!.slice(0, -1)],
    ['is MD5', '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/'],
    ['has a field of shadow after it', `${HASHES[0]!}:19000:0:99999:7:::`],
    ['is of a kind that there is not', '$9$abc$def'],
  ])('is refused when it %s, rather than taken for a password', (_what, hash) => {
    expect(() => checkPassword(new Secret(hash))).toThrow(
      expect.objectContaining({
        code: 'PASSWORD_INVALID',
        message: expect.not.stringContaining(hash) as string,
      }),
    );
  });

  it.each(['hunter22', '$', '$$$', 'a$6$b'])('is not what %s is', (text) => {
    const password = new Secret(text);
    expect(isHashedPassword(password)).toBe(false);
    expect(() => checkPassword(password)).not.toThrow();
    expect(hashPassword(password)).toMatch(/^\$6\$rounds=50000\$/);
  });
});
