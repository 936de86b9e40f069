import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

const files = (await readdir(path.join(ROOT, 'packages'), { recursive: true })).filter(
  (file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !/\.(test|fixture)\.ts$/.test(file),
);
const lines = (
  await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(ROOT, 'packages', file), 'utf8');
      return text.split('\n').map((line) => ({ file, line }));
    }),
  )
).flat();

it('what users read names pages by their address: they have the packages, and no folder `docs`', () => {
  const inText = ({ line }: { readonly line: string }) =>
    /['"`].*\bdocs\/[\w/-]+\.md/.test(line) &&
    !/^\s*(\*|\/\/|\/\*)/.test(line) &&
    !/\/[/*].*docs\//.test(line);
  expect(lines.filter(inText)).toEqual([]);
});

it('every page that is named is there', async () => {
  const pages = lines.flatMap(({ line }) =>
    [...line.matchAll(/docsPage\('([^']+)'\)/g)].map(([, page]) => page!),
  );
  expect(pages.length).toBeGreaterThan(5);
  for (const page of new Set(pages)) await access(path.join(ROOT, 'docs', `${page}.md`));
});
