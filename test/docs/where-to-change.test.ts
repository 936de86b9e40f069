import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE = await readFile(path.join(ROOT, 'docs/architecture.md'), 'utf8');

const section = /^## Where would I change …$(?<text>[\s\S]*?)(?=^## |(?![\s\S]))/m.exec(PAGE)?.groups?.[
  'text'
];
const answers = [...(section ?? '').matchAll(/^\| (?<question>.*\?) +\| `(?<place>[^`]+)` +\|$/gm)].map(
  ({ groups }) => groups as { question: string; place: string },
);

it('the architecture page answers ten questions or more, each once', () => {
  expect(answers.length).toBeGreaterThanOrEqual(10);
  expect(new Set(answers.map(({ question }) => question)).size).toBe(answers.length);
  // A heading, the line below it, and nothing that is not read here.
  expect((section ?? '').trim().split('\n')).toHaveLength(2 + answers.length);
});

describe.each(answers)('$question', ({ place }) => {
  it(`is answered by a ${place.endsWith('/') ? 'folder' : 'file'} that is there`, async () => {
    const found = await stat(path.join(ROOT, place));
    expect(found.isDirectory()).toBe(place.endsWith('/'));
  });
});
