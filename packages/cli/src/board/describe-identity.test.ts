import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { asOpensslPrints, describeIdentity } from './describe-identity.js';

const hex = createHash('sha256').update('a certificate').digest('hex');

it('shows a key as the command for comparing prints it', () => {
  const text = describeIdentity(
    { host: '192.168.1.90', port: 443 },
    { certificateFingerprint: `sha256:${hex}`, publicKeyPin: `sha256:${'0'.repeat(64)}` },
  );
  expect(text).toContain(`\n  ${asOpensslPrints(`sha256:${hex}`)}\n`);
  expect(text).toContain('openssl x509 -noout -fingerprint -sha256');
});

it('has the bytes in capitals, with colons between them', () => {
  expect(asOpensslPrints(`sha256:${hex}`)).toMatch(/^sha256 Fingerprint=([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});
