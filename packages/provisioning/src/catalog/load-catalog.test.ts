import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogSchema } from './base-image-catalog.js';
import { sourceOf } from './source-of.js';
import { loadCatalog, OWN_CATALOG } from './load-catalog.js';

const signal = new AbortController().signal;
const IMAGE = {
  name: 'own',
  title: 'An image of ours',
  os: 'ubuntu',
  boards: ['rk1'],
  file: 'own.img.xz',
  source: 'our build',
  noted: '2026-11-29',
  fetchedByUs: true,
};
const catalog = (...images: object[]) => JSON.stringify({ version: 1, title: 'ours', images });

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-catalog-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(text: string) {
  const file = path.join(folder, 'catalog.json');
  await writeFile(file, text);
  return loadCatalog(file, { signal });
}

describe('the catalogue of this package', () => {
  it('is one, and was fetched by nobody', async () => {
    const { images } = await loadCatalog(OWN_CATALOG, { signal });
    expect(images.length).toBeGreaterThan(3);
    expect(images.filter(({ fetchedByUs }) => fetchedByUs)).toEqual([]);
    for (const { url, file } of images) expect(url === undefined || url.endsWith(`/${file}`)).toBe(true);
  });

  it('has a schema for editors that is made of the same', async () => {
    const text = await readFile(path.join(path.dirname(OWN_CATALOG), 'base-images.schema.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(z.toJSONSchema(catalogSchema, { target: 'draft-7', io: 'input' }));
  });

  it('names a download only where there is a digest to check it with', async () => {
    const { images } = await loadCatalog(OWN_CATALOG, { signal });
    const sources = images.map((image) => sourceOf(image));
    expect(sources.some((source) => source !== undefined && 'sha256' in source)).toBe(true);
    expect(sources).toContain(undefined);
  });
});

describe('a catalogue of somebody else', () => {
  it('is read from a file', async () => {
    expect((await load(catalog(IMAGE))).images).toEqual([IMAGE]);
  });

  it('is read from an address', async () => {
    const server = createServer((_, reply) => reply.end(catalog(IMAGE))).listen(0, '127.0.0.1');
    try {
      await new Promise((listening) => server.once('listening', listening));
      const { port } = server.address() as AddressInfo;
      const { images } = await loadCatalog(`http://127.0.0.1:${port}/catalog.json`, { signal });
      expect(images).toEqual([IMAGE]);
    } finally {
      server.close();
    }
  });

  it.each([
    ['no JSON', '<html>', /<html>|JSON/],
    ['an unknown key', catalog({ ...IMAGE, sha1: 'x' }), /images\[0\]/],
    ['two images of one name', catalog(IMAGE, IMAGE), /two images of one name/],
    [
      'two digests',
      catalog({ ...IMAGE, url: 'https://a/b', sha256: 'a'.repeat(64), sha256Url: 'https://a/c' }),
      /both/,
    ],
    ['a digest of nothing', catalog({ ...IMAGE, sha256: 'a'.repeat(64) }), /without a url/],
    ['an address that is no download', catalog({ ...IMAGE, url: 'file:///etc/passwd' }), /url/],
  ])('is refused with %s', async (_, text, message) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'CATALOG_UNREADABLE',
      category: 'configuration',
      message: expect.stringMatching(message) as string,
    });
  });

  it('is refused when it is not there, or the server has none', async () => {
    await expect(loadCatalog(path.join(folder, 'none.json'), { signal })).rejects.toMatchObject({
      code: 'CATALOG_UNREADABLE',
    });
    const fetch = () => Promise.resolve(new Response('', { status: 404 }));
    await expect(loadCatalog('https://example.org/c.json', { signal, fetch })).rejects.toMatchObject({
      code: 'CATALOG_UNREADABLE',
      message: expect.stringContaining('404') as string,
    });
  });

  it('is not waited for when the run is stopped', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(loadCatalog('https://example.org/c.json', { signal: stopped })).rejects.toThrow('stopped');
  });
});
