import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHost } from './host.js';

describe('parseHost', () => {
  it.each([
    ['192.168.1.90', '192.168.1.90'],
    ['turingpi.local', 'turingpi.local'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['[fe80::1%eth0]', 'fe80::1%eth0'],
    ['https://turingpi.local', 'turingpi.local'],
    ['https://192.168.1.90/', '192.168.1.90'],
    ['HTTPS://192.168.1.90:443/', '192.168.1.90'],
    ['http://192.168.1.90:80', '192.168.1.90'],
    ['https://[fe80::1%25eth0]/', 'fe80::1%eth0'],
  ])('takes %s for %s', (text, host) => {
    expect(parseHost(text)).toBe(host);
  });

  it.each([
    'https://192.168.1.90:8443',
    'https://root@192.168.1.90',
    'https://192.168.1.90/api/bmc',
    'https://::1/',
    'ftp://192.168.1.90',
    'https://',
    '[192.168.1.90]',
    '192.168.1.300',
    'a b',
    '',
  ])('does not guess what is meant by %j', (text) => {
    expect(parseHost(text)).toBeUndefined();
  });

  it('gives back nothing that a URL would read as more than a host', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.ipV6().map((ip) => `https://[${ip}]/`),
        ),
        (text) => {
          expect(parseHost(text) ?? 'a').toMatch(/^[^/?#@[\]\s]+$/);
        },
      ),
    );
  });
});
