import { describe, expect, it } from 'vitest';
import { decodeName, encodeName, isStorable } from './image-name.js';

describe('names of an image', () => {
  it.each([
    ['ASCII', Buffer.from('etc')],
    ['UTF-8', Buffer.from('Zürich 😀 \ufffd')],
    ['Latin-1', Buffer.from('caf\xe9', 'latin1')],
    ['both', Buffer.concat([Buffer.from('é'), Buffer.from([0xff, 0xc3]), Buffer.from('é')])],
    ['surrogates in what looks like UTF-8', Buffer.from([0xed, 0xb3, 0xa9])],
    ['overlong bytes', Buffer.from([0xc0, 0xaf])],
    ['every byte there can be', Buffer.from(Array.from({ length: 255 }, (_, byte) => byte + 1))],
  ])('%s: the same bytes come back', (_what, bytes) => {
    const text = decodeName(bytes);
    expect(encodeName(text).equals(bytes)).toBe(true);
    expect(isStorable(text)).toBe(true);
  });

  it('no byte becomes a sign that means something in a path', () => {
    expect(decodeName(Buffer.from([0xaf, 0x80, 0xae]))).not.toMatch(/[/.\0]/u);
  });

  it.each(['\ud800', 'a\udc00', '\udd00'])('%j cannot be stored', (text) => {
    expect(isStorable(text)).toBe(false);
  });
});
