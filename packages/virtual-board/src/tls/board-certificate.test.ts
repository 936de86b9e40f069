import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBoardCertificate, loadBoardCertificate } from './board-certificate.js';

test('the certificate is what a board shows: self-signed RSA, no SAN, expired', async () => {
  const made = await createBoardCertificate();
  const certificate = new X509Certificate(made.certificate);
  expect(certificate.subject).toBe('CN=Turing-Pi self signed');
  expect(certificate.issuer).toBe(certificate.subject);
  expect(certificate.subjectAltName).toBeUndefined();
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  expect(certificate.publicKey.asymmetricKeyType).toBe('rsa');
  expect(Date.parse(certificate.validTo)).toBeLessThan(Date.now());
  expect(made.fingerprint).toBe(`sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`);
  expect(made.publicKeyPin).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test('a key that not every supported Node.js serves is refused', async () => {
  await expect(createBoardCertificate(1024)).rejects.toThrow('at least 2048');
});

test('a board keeps its certificate in its directory, the key for its owner only', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'turingpi-certificate-'));
  try {
    const first = await loadBoardCertificate(dir);
    expect(await loadBoardCertificate(dir)).toEqual(first);
    if (process.platform !== 'win32') expect((await stat(join(dir, 'bmc-key.pem'))).mode & 0o777).toBe(0o600);
  } finally {
    await rm(dir, { recursive: true });
  }
});
