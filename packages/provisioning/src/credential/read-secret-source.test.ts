import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '@turingpi/foundation';
import { readSecretSource } from './read-secret-source.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secret-source-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('readSecretSource', () => {
  it('takes a secret, a text, a variable, or a file without the end of its line', async () => {
    const environment = { TURINGPI_TEST_SECRET: 'from env ' };
    const file = join(directory, 'secret');
    await writeFile(file, 'from file \r\n');
    const secret = new Secret('as it is');
    expect(await readSecretSource(secret, environment)).toBe(secret);
    expect((await readSecretSource('text', environment)).reveal()).toBe('text');
    expect((await readSecretSource({ env: 'TURINGPI_TEST_SECRET' }, environment)).reveal()).toBe('from env ');
    expect((await readSecretSource({ file }, environment)).reveal()).toBe('from file ');
  });

  it.each([
    [{ env: 'TURINGPI_TEST_UNSET' }, 'TURINGPI_TEST_UNSET'],
    [{ file: '/nowhere/secret' }, '/nowhere/secret'],
  ])('names %j when it is not there', async (source, name) => {
    await expect(readSecretSource(source, {})).rejects.toMatchObject({
      code: 'CREDENTIAL_UNREADABLE',
      message: expect.stringContaining(name) as string,
    });
  });
});
