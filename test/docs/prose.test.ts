import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { SIDEBAR } from '../../docs/.vitepress/sidebar.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['docs', 'docs/fleet', 'docs/reference', 'docs/decisions', 'docs/libraries'];
const PAGES = (
  await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(path.join(ROOT, folder))).map((name) => `${folder}/${name}`),
    ),
  )
)
  .flat()
  .filter((file) => file.endsWith('.md'));
const texts = await Promise.all(
  ['README.md', ...PAGES].map(async (page) => ({
    page,
    text: await readFile(path.join(ROOT, page), 'utf8'),
  })),
);

/** Words that say nothing, promise too much, or tell a reader who is stuck that he should not be; and longer ones for short ones. */
const WORDS: Readonly<Record<string, string>> = {
  'simply|easily|obviously|of course|basically|trivially?': 'who is stuck does not find it so: leave it out',
  'please note|it should be noted': 'say it',
  'powerful|seamless(?:ly)?|robust|blazing(?:ly)?|effortless(?:ly)?|world-class|cutting-edge|state-of-the-art|best-in-class|enterprise-grade':
    'say what it does',
  'utili[sz]e[sd]?|leverag(?:e[sd]?|ing)': 'use',
  'in order to': 'to',
  'prior to': 'before',
  subsequently: 'then',
  'in the event (?:of|that)': 'if',
  'e\\.g\\.|i\\.e\\.|etc\\.': 'for example; that is; and so on',
  'sanity|whitelist|blacklist|dummy|crippled?': 'another word',
  'will be able to': 'can',
};

it('uses no word of the list', () => {
  const found = texts.flatMap(({ page, text }) =>
    proseOf(text).flatMap(({ line, number }) =>
      Object.entries(WORDS).flatMap(([words, instead]) =>
        [...line.matchAll(new RegExp(`(?<![\\w-])(?:${words})(?![\\w-])`, 'gi'))].map(
          ([word]) => `${page}:${number}: "${word}": ${instead}`,
        ),
      ),
    ),
  );
  expect(found).toEqual([]);
});

it('has no sentence that nobody can follow', () => {
  const long = texts
    .filter(({ page }) => !page.startsWith('docs/reference/'))
    .flatMap(({ page, text }) =>
      paragraphsOf(text)
        .flatMap((paragraph) => paragraph.split(/(?<=[.!?:;])\s+/))
        .filter((sentence) => sentence.split(/\s+/).length > LONGEST_SENTENCE)
        .map((sentence) => `${page}: ${sentence}`),
    );
  expect(long).toEqual([]);
});

it('can be found on the site: every page is in its list, once, and begins with its name', () => {
  const listed = SIDEBAR.flatMap(({ pages }) => pages.map((page) => `docs/${page}.md`));
  const decisions = PAGES.filter((page) => page.startsWith('docs/decisions/') && !page.endsWith('README.md'));
  expect(listed.toSorted()).toEqual(PAGES.filter((page) => !decisions.includes(page)).toSorted());
  for (const { page, text } of texts) expect(text, page).toMatch(/^# \S/);
});

/** Words; lists of names aside. */
const LONGEST_SENTENCE = 55;

/** What is prose: no code, no comments. */
function proseOf(text: string): readonly { readonly line: string; readonly number: number }[] {
  let inCode = false;
  return text.split('\n').flatMap((line, index) => {
    if (line.startsWith('```')) {
      inCode = !inCode;
      return [];
    }
    if (inCode || line.startsWith('<!--')) return [];
    return [{ line: line.replaceAll(/`[^`]*`|\]\([^)]*\)/g, ' '), number: index + 1 }];
  });
}

/** Prose that runs on: neither tables nor headings. */
function paragraphsOf(text: string): readonly string[] {
  const lines = proseOf(text).map(({ line }) =>
    /^\s*(\||#)/.test(line) ? '' : line.replace(/^\s*(?:[-*]|\d+\.) /, '\n'),
  );
  return lines.join('\n').split(/\n\s*\n/);
}
