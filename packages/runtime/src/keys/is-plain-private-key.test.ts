import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateKeyPair } from './generate-key-pair.js';
import { isPlainPrivateKey } from './is-plain-private-key.js';

const [HEAD, FOOT] = ['-----BEGIN OPENSSH PRIVATE KEY-----\n', '\n-----END OPENSSH PRIVATE KEY-----\n'];
const armored = (bytes: Buffer): string => `${HEAD}${bytes.toString('base64')}${FOOT}`;
const bytesOf = (text: string): Buffer => Buffer.from(text.slice(HEAD.length, -FOOT.length), 'base64');

describe('a plain private key', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('is one of type %s', async (type) => {
    const { privateKey } = await generateKeyPair(type, { comment: 'me@home' });
    expect(isPlainPrivateKey(privateKey.reveal())).toBe(true);
  });

  it('is none when any part is cut off, or something follows', async () => {
    const bytes = bytesOf((await generateKeyPair('ed25519')).privateKey.reveal());
    for (let length = 0; length < bytes.length; length += 1)
      expect(isPlainPrivateKey(armored(bytes.subarray(0, length))), String(length)).toBe(false);
    expect(isPlainPrivateKey(armored(Buffer.concat([bytes, Buffer.from([1])])))).toBe(false);
  });

  it('is none with a passphrase, in another format, or when it is something else', async () => {
    const bytes = bytesOf((await generateKeyPair('ed25519')).privateKey.reveal());
    const encrypted = Buffer.from(bytes.toString('latin1').replace('none', 'aes2'), 'latin1');
    expect(isPlainPrivateKey(armored(encrypted))).toBe(false);
    const { privateKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    expect(isPlainPrivateKey(privateKey)).toBe(false);
    expect(isPlainPrivateKey('~/.ssh/id_ed25519')).toBe(false);
  });
});
