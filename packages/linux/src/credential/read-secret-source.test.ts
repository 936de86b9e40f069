import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@turingpi/foundation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSecretSource } from './read-secret-source.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secret-source-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('readSecretSource', () => {
  it('takes a secret, a text, a variable, or a file without the end of its line', async () => {
    vi.stubEnv('TURINGPI_TEST_SECRET', 'from env ');
    const file = join(directory, 'secret');
    await writeFile(file, 'from file \r\n');
    const secret = new Secret('as it is');
    expect(await readSecretSource(secret)).toBe(secret);
    expect((await readSecretSource('text')).reveal()).toBe('text');
    expect((await readSecretSource({ env: 'TURINGPI_TEST_SECRET' })).reveal()).toBe('from env ');
    expect((await readSecretSource({ file })).reveal()).toBe('from file ');
  });

  it.each([
    [{ env: 'TURINGPI_TEST_UNSET' }, 'TURINGPI_TEST_UNSET'],
    [{ file: '/nowhere/secret' }, '/nowhere/secret'],
  ])('names %j when it is not there', async (source, name) => {
    await expect(readSecretSource(source)).rejects.toMatchObject({
      code: 'CREDENTIAL_UNREADABLE',
      message: expect.stringContaining(name) as string,
    });
  });
});
