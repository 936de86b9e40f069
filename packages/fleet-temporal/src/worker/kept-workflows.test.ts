import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptWorkflows, packagesNow } from './kept-workflows.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'turingpi-kept-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param changed - what of each package is not as it is now */
async function keptWith(changed: object): Promise<string | undefined> {
  const file = path.join(folder, 'bundled.json');
  const madeOf = (await packagesNow()).map((each) => ({ ...each, ...changed }));
  await writeFile(file, JSON.stringify({ madeOf, code: 'the code' }));
  return keptWorkflows(file);
}

describe('workflows that the package brings', () => {
  it('are used where what they were made of is installed', async () => {
    expect(await keptWith({})).toBe('the code');
  });

  it.each([{ version: '0.0.1' }, { builtMs: 1 }, { name: 'another' }])(
    'are not used with %j',
    async (changed) => {
      expect(await keptWith(changed)).toBeUndefined();
    },
  );

  it('are not used where there are none, or half of them', async () => {
    expect(await keptWorkflows(path.join(folder, 'none.json'))).toBeUndefined();
    await writeFile(path.join(folder, 'half.json'), '{"madeOf": [');
    expect(await keptWorkflows(path.join(folder, 'half.json'))).toBeUndefined();
  });
});
