import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['docs', 'docs/fleet', 'docs/reference', 'docs/decisions', 'docs/libraries'];
const PAGES = [
  'README.md',
  ...(await Promise.all(FOLDERS.map(markdownIn))).flat(),
  ...(await packageReadmes()),
];

/** A fenced block that says where it is from: `<!-- from FILE -->` on the line above. */
const SNIPPET = /<!-- from (?<file>\S+) -->\n+```\w*\n(?<code>[\s\S]*?)\n```/g;
const CODE_BLOCK = /^```(?<language>ts|js|yaml|json)$/gm;

describe.each(PAGES)('%s', (page) => {
  it('shows only code that stands in a tested file', async () => {
    const text = await readFile(path.join(ROOT, page), 'utf8');
    const snippets = [...text.matchAll(SNIPPET)].map(
      ({ groups }) => groups as { file: string; code: string },
    );
    expect(snippets.length, 'every ts, js, yaml and json block says where it is from').toBe(
      [...text.matchAll(CODE_BLOCK)].length,
    );
    for (const { file, code } of snippets)
      expect(undented(await readFile(path.join(ROOT, file), 'utf8')), `${file} contains the block`).toContain(
        undented(code),
      );
  });

  it('links only to files that are there', async () => {
    const text = await readFile(path.join(ROOT, page), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, target]) => target!,
    );
    const directory = path.dirname(path.join(ROOT, page));
    for (const target of targets)
      await expect(exists(path.join(directory, target)), `${target} exists`).resolves.toBe(true);
  });
});

/** Without indentation: a page may show a part of something nested. */
function undented(text: string): string {
  return text.replaceAll(/^ +/gm, '');
}

async function markdownIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(ROOT, folder));
  return names.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
}

async function packageReadmes(): Promise<string[]> {
  const names = await readdir(path.join(ROOT, 'packages'));
  const files = names.map((name) => `packages/${name}/README.md`);
  const present = await Promise.all(files.map((file) => exists(path.join(ROOT, file))));
  return files.filter((_, index) => present[index]);
}

async function exists(file: string): Promise<boolean> {
  return readdir(path.dirname(file)).then(
    (names) => names.includes(path.basename(file)),
    () => false,
  );
}
