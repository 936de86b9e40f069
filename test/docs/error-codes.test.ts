import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

it.each([
  ['the board', 'BMC', 'packages/bmc/src/errors/bmc-error-code.ts', 30],
  ['images', 'IMAGE', 'packages/image/src/image-error-code.ts', 35],
  ['the page of a run', 'DASHBOARD', 'packages/dashboard/src/dashboard-error.ts', 2],
  ['the Docker backend', 'DOCKER', 'packages/image-docker/src/docker-error.ts', 4],
])('docs/errors.md explains every error code of %s, and no other', async (_, prefix, file, atLeast) => {
  const source = await readFile(path.join(ROOT, file), 'utf8');
  const page = await readFile(path.join(ROOT, 'docs/errors.md'), 'utf8');
  const codesIn = (text: string, pattern: RegExp) => [
    ...new Set([...text.matchAll(pattern)].map(([, code]) => code)),
  ];
  const known = codesIn(source, new RegExp(`\\| '(${prefix}_[A-Z_0-9]+)'`, 'g'));
  expect(known.length).toBeGreaterThan(atLeast);
  expect(codesIn(page, new RegExp(`\`(${prefix}_[A-Z_0-9]+[A-Z])\``, 'g')).sort()).toEqual(known.sort());
});

it('every code that an error class declares is one that something is thrown with', async () => {
  const packages = path.join(ROOT, 'packages');
  const files = (await readdir(packages, { recursive: true })).filter(
    (file) =>
      /^[^/]+\/src\/.*\.ts$/.test(file) &&
      !/\.(test|fixture)\.ts$|-hints\.ts$|-categor[a-z]+\.ts$/.test(file),
  );
  const sources = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(path.join(packages, file), 'utf8') })),
  );
  const declared = sources
    .filter(({ file }) => /-error(-code)?\.ts$/.test(file))
    .flatMap(({ text }) =>
      [...text.matchAll(/(?:[<|]|type \w+ =)\s*'([A-Z][A-Z\d_]+)'/g)].map(([, code]) => code!),
    );
  expect(declared.length).toBeGreaterThan(150);
  // What is left without comments, declarations and comparisons.
  const left = sources
    .map(({ text }) =>
      text.replaceAll(/^\s*(\*|\/\*|\/\/).*$/gm, '').replaceAll(/[<|=]\s*'[A-Z][A-Z\d_]+'/g, ''),
    )
    .join('\n');
  expect(declared.filter((code) => !new RegExp(`['\`]${code}\\b`).test(left))).toEqual([]);
});
