import { describe, expect, it } from 'vitest';
import { DownloadLocation, parseSha256 } from './download-location.js';

const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('DownloadLocation', () => {
  it('takes credentials out of the URL', () => {
    const location = DownloadLocation.parse(
      'https://me:p%40ss@example.org/a/image%20x.img.xz?sig=s3cret#top',
    );
    expect(location.url.href).toBe('https://example.org/a/image%20x.img.xz?sig=s3cret');
    expect(location.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(location.shown).toBe('https://example.org/a/image%20x.img.xz');
    expect(location.fileName).toBe('image x.img.xz');
  });

  it.each(['', 'image.img.xz', 'https://me:hunter2@', 'ftp://me:hunter2@host/x', 'file:///etc/passwd'])(
    'refuses %j without repeating it',
    (text) => {
      expect(() => DownloadLocation.parse(text)).toThrow(refused('IMAGE_DOWNLOAD_URL'));
      expect(() => DownloadLocation.parse(text)).not.toThrow(/hunter2/);
    },
  );

  it.each([
    ['a path', 'https://example.org/a/x', '../b', 'https://example.org/b'],
    [
      'another host',
      'https://example.org/x',
      'https://cdn.example.net/y?t=1',
      'https://cdn.example.net/y?t=1',
    ],
    ['https', 'http://example.org/x', 'https://example.org/x', 'https://example.org/x'],
  ])('follows a redirect to %s', (_, from, to, expected) => {
    expect(DownloadLocation.parse(from).redirectedTo(to).url.href).toBe(expected);
  });

  it('keeps credentials on their host', () => {
    const location = DownloadLocation.parse('http://me:pw@example.org/x');
    expect(location.redirectedTo('/y').authorization).toBe(location.authorization);
    expect(location.redirectedTo('https://example.org/y').authorization).toBe(location.authorization);
  });

  it.each([
    ['nowhere', 'https://example.org/x', undefined],
    ['something that is no URL', 'https://example.org/x', 'https://['],
    ['http', 'https://example.org/x', 'http://example.org/x'],
    ['a file', 'https://example.org/x', 'file:///etc/passwd'],
    ['somewhere with credentials of its own', 'https://example.org/x', 'https://a:b@example.org/x'],
    ['another host when there are credentials', 'https://me:pw@example.org/x', 'https://example.net/x'],
    ['another port when there are credentials', 'https://me:pw@example.org/x', 'https://example.org:8443/x'],
    [
      'http of another port when there are credentials',
      'http://me:pw@example.org:81/x',
      'https://example.org/x',
    ],
  ])('refuses a redirect to %s', (_, from, to) => {
    expect(() => DownloadLocation.parse(from).redirectedTo(to)).toThrow(refused('IMAGE_DOWNLOAD_REDIRECT'));
  });
});

describe('parseSha256', () => {
  it('takes 64 hexadecimal digits', () => {
    expect(parseSha256('AB'.repeat(32))).toBe('ab'.repeat(32));
    for (const wrong of ['', 'ab', 'g'.repeat(64), `${'a'.repeat(64)} `])
      expect(() => parseSha256(wrong)).toThrow(refused('IMAGE_DOWNLOAD_URL'));
  });
});
