import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SOURCES = ['packages', 'test', 'bench', 'fuzz', 'scripts'];

/** A page, and the headings named after it: `docs/reference/PAGE.md, "One", "Two" and "Three"`. */
const CITATION = /(?<page>docs\/[\w/-]+\.md)(?<headings>, "[^"]+"(?:(?:,| and) "[^"]+")*)?/g;
/** A place in notes that are not in the repository. */
const NUMBERED =
  /\breference, sections? \d|\bsections? [\d., and]+ of the \w+ reference|\b[\w-]+\.md §|\bDESIGN §/i;

const OWN = path.relative(ROOT, import.meta.filename);

const sources = await Promise.all(
  (await sourceFiles()).map(async (file) => {
    const text = await readFile(path.join(ROOT, file), 'utf8');
    // Comments as they are read, not as they are wrapped.
    return { file, text: text.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, ' ') };
  }),
);
const cited = sources.flatMap(({ file, text }) =>
  [...text.matchAll(CITATION)].flatMap(({ groups }) => {
    const { page, headings } = groups as { page: string; headings: string | undefined };
    const named = [...(headings ?? '').matchAll(/"([^"]+)"/g)].map(([, heading]) => heading!);
    return [undefined, ...named].map((heading) => ({ file, page, heading }));
  }),
);
const pages = [...new Set(cited.map(({ page }) => page))].sort();

it('finds the places that the code cites', () => {
  expect(pages).toEqual(
    expect.arrayContaining(['docs/reference/bmc-protocol.md', 'docs/reference/images.md']),
  );
  expect(cited.filter(({ heading }) => heading !== undefined).length).toBeGreaterThan(80);
});

it.each(pages)('%s has every heading that the code cites', async (page) => {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  const headings = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading));
  const missing = cited.filter(
    (one) => one.page === page && one.heading !== undefined && !headings.has(one.heading),
  );
  expect(missing).toEqual([]);
});

it('no comment cites numbered notes', () => {
  const wrong = sources.filter(({ text }) => NUMBERED.test(text));
  expect(wrong.map(({ file, text }) => `${file}: ${NUMBERED.exec(text)![0]}`)).toEqual([]);
});

async function sourceFiles(): Promise<string[]> {
  const files = (await Promise.all(SOURCES.map(sourcesIn))).flat();
  return files.filter((file) => file !== OWN);
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(ROOT, folder), { withFileTypes: true });
  const inside = entries
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .map(async (entry) => {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return await sourcesIn(file);
      return /\.(?:ts|mjs)$/.test(entry.name) ? [file] : [];
    });
  return (await Promise.all(inside)).flat();
}
