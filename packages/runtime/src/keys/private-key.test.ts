import { generateKeyPairSync } from 'node:crypto';
import { Secret } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { generateHostKeys } from './generate-host-keys.js';
import { parsePrivateKey } from './private-key.js';

const encrypted = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'right' },
});

describe('parsePrivateKey', () => {
  it('reads a key, also one that is encrypted', async () => {
    const [pair] = await generateHostKeys(['ed25519']);
    expect(parsePrivateKey(pair!.privateKey, undefined).type).toBe('ssh-ed25519');
    expect(parsePrivateKey(new Secret(encrypted.privateKey), new Secret('right')).type).toBe('ssh-rsa');
  });

  it.each<[string, string | undefined, string | undefined, RegExp]>([
    ['a path', '~/.ssh/id_ed25519', undefined, /it is a path; write it as \{ file: /],
    ['a name in the folder', 'id_rsa', undefined, /is a path/],
    ['a path of Windows', 'C:\\Users\\me\\key.pem', undefined, /is a path/],
    ['words', 'correct horse battery', undefined, /is no key/],
    ['a key without its passphrase', encrypted.privateKey, undefined, /protected by a passphrase/],
    ['a key with another passphrase', encrypted.privateKey, 'wrong', /passphrase does not fit/],
    ['a key cut off', encrypted.privateKey.slice(0, 200), undefined, /malformed/],
    ['a public key', undefined, undefined, /is a public key/],
  ])('says of %s that it is that, and never shows it', async (_what, text, passphrase, message) => {
    const [pair] = await generateHostKeys(['ed25519']);
    const given = text ?? pair!.publicKey;
    const parse = () =>
      parsePrivateKey(new Secret(given), passphrase === undefined ? undefined : new Secret(passphrase));
    expect(parse).toThrow(
      expect.objectContaining({
        code: 'SSH_PRIVATE_KEY_INVALID',
        message: expect.stringMatching(message) as string,
      }),
    );
    expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining(given) as string }));
  });
});
