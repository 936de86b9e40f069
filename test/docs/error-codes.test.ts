import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

it('docs/errors.md explains every error code of the board, and no other', async () => {
  const source = await readFile(path.join(ROOT, 'packages/bmc/src/errors/bmc-error.ts'), 'utf8');
  const page = await readFile(path.join(ROOT, 'docs/errors.md'), 'utf8');
  const codesIn = (text: string, pattern: RegExp) => [
    ...new Set([...text.matchAll(pattern)].map(([, code]) => code)),
  ];
  const known = codesIn(source, /\| '(BMC_[A-Z_0-9]+)'/g);
  expect(known.length).toBeGreaterThan(30);
  expect(codesIn(page, /`(BMC_[A-Z_0-9]+[A-Z])`/g).sort()).toEqual(known.sort());
});
