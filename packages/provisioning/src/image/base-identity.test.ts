import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentDigestCache } from '../cache/content-digest-cache.js';
import { identifyBase } from './base-identity.js';

const [FILE, OTHER, CONTENT] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turingpi-base-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function identity(installed?: Parameters<typeof identifyBase>[1], content = CONTENT) {
  let read = 0;
  const base = { sha256: OTHER, readContent: async () => ((read += 1), content) };
  const cache = new ContentDigestCache(directory);
  return { counts: await identifyBase(base, installed, cache), read };
}

describe('a base image', () => {
  it('counts as its file when nothing is installed, or something was from that file; it is not read', async () => {
    expect(await identity()).toEqual({ counts: OTHER, read: 0 });
    expect(await identity({ inputs: { base: OTHER }, baseContent: CONTENT })).toEqual({
      counts: OTHER,
      read: 0,
    });
  });

  it('counts as the one that was installed when that held the same', async () => {
    const installed = { inputs: { base: FILE }, baseContent: CONTENT };
    expect(await identity(installed)).toEqual({ counts: FILE, read: 1 });
    expect(await identity(installed)).toEqual({ counts: FILE, read: 0 }); // remembered
  });

  it('counts as its file when the installed one held something else, or it is not known what', async () => {
    const other = await identity({ inputs: { base: FILE }, baseContent: CONTENT }, OTHER);
    expect(other).toEqual({ counts: OTHER, read: 1 });
    expect(await identity({ inputs: { base: FILE } })).toEqual({ counts: OTHER, read: 0 });
  });
});
