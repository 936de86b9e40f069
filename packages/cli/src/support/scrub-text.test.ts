import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrubText } from './scrub-text.js';

describe('scrubText', () => {
  it('leaves no known secret in a text, however it is written there', () => {
    const secret = fc
      .string({ minLength: 8, maxLength: 40, unit: 'grapheme' })
      .filter((text) => text.trim().length >= 8);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, behind) => {
        const forms = [
          value,
          JSON.stringify({ value }),
          Buffer.from(value).toString('base64'),
          Buffer.from(value).toString('hex'),
          `https://board/?x=${encodeURIComponent(value)}`,
        ];
        const clean = scrubText(forms.map((form) => `${before}\n${form}\n${behind}`).join('\n'), [value]);
        const around = scrubText(`${before}\n${behind}`, []);
        fc.pre(!around.includes(value));
        expect(clean).not.toContain(value);
        expect(clean).not.toContain(Buffer.from(value).toString('base64').replace(/=+$/, ''));
        expect(clean).not.toContain(Buffer.from(value).toString('hex'));
      }),
    );
  });

  it.each([
    [
      'a private key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----',
      'b3BlbnNzaA',
    ],
    [
      'one in JSON',
      String.raw`{"key":"-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n"}`,
      'MC4CAQAw',
    ],
    ['one that is cut off', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow', 'MIIEow'],
    ['a hash', 'admin:$6$rounds=5000$saltsalt$abcdefghijklmnop./:19000:', 'saltsalt'],
    ['a token', 'Authorization: Bearer abcDEF123456', 'abcDEF123456'],
    ['a public key and whose it is', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnuDoMI me@laptop', 'me@laptop'],
    ['a login in an address', 'postgresql://tpi:hunter2@db:5432/tpi', 'hunter2'],
    ['a value beside its name', 'New password: hunter2', 'hunter2'],
    ['an option of a command', 'login --db-password hunter2 --user x', 'hunter2'],
    ['a value in JSON', '{"bmcPassword":"hunter2 x","node":1}', 'hunter2'],
  ])('takes out %s that nobody knows of', (_what, text, secret) => {
    expect(scrubText(text, [])).not.toContain(secret);
  });

  it('leaves what is none: a short default password within words, versions, names of codes', () => {
    const text = 'turing-1 at turing.local has CONFIG_SECRET_MISSING, firmware 2.3.4';
    expect(scrubText(text, ['turing'])).toBe(
      'turing-1 at [secret].local has CONFIG_SECRET_MISSING, firmware 2.3.4',
    );
    expect(scrubText('it was turing.', ['turing'])).toBe('it was [secret].');
  });
});
