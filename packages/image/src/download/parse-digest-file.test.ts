import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDigestFile } from './parse-digest-file.js';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const parse = (text: string) => parseDigestFile(text, 'image.img.xz', 'https://example.org/SHA256SUMS');

describe('parseDigestFile', () => {
  it.each([
    ['sha256sum', `${A}  image.img.xz\n`],
    ['binary mode', `${A} *image.img.xz\n`],
    ['a folder before the name', `${A}  ./out/image.img.xz\n`],
    ['a folder of Windows', `${A}  .\\out\\image.img.xz\r\n`],
    ['the BSDs', `SHA256 (image.img.xz) = ${A}\n`],
    ['the digest alone', A],
    ['upper case', `${A.toUpperCase()}  image.img.xz`],
    ['another name, when it is the only one', `${A}  image-latest.img.xz\n`],
    ['one of many', `${B}  other.img.xz\n${A}  image.img.xz\n${B}  image.img.xz.asc\n`],
    ['a signed message', `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${A}  image.img.xz\n${B}  b\n`],
    ['the same twice', `${A}  image.img.xz\n${A}  image.img.xz\n`],
  ])('reads %s', (_, text) => {
    expect(parse(text)).toBe(A);
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<!doctype html><title>404</title>'],
    ['MD5', `${'a'.repeat(32)}  image.img.xz\n`],
    ['digests of other files', `${A}  a.img.xz\n${B}  b.img.xz\n`],
    ['two answers', `${A}  image.img.xz\n${B}  image.img.xz\n`],
    ['two digests without names', `${A}\n${B}\n`],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'IMAGE_DOWNLOAD_DIGEST_FILE' }) as Error,
    );
  });

  it('finds the line of a file among any others, or says that it cannot', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = `${before}\n${A}  image.img.xz\n${after}`;
        try {
          expect(parse(text)).toBe(A);
        } catch (error) {
          expect(error).toMatchObject({ code: 'IMAGE_DOWNLOAD_DIGEST_FILE' });
        }
      }),
    );
  });
});
