/**
 * Writes what benchmarks have measured into the pages that say it: `npm run figures`, after `npm run bench -- NAME --save`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { filledFigures, pagesIn, savedResults } from './filled-figures.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const results = await savedResults(ROOT);
for (const page of await pagesIn(ROOT)) {
  const file = path.join(ROOT, page);
  const text = await readFile(file, 'utf8');
  const filled = filledFigures(page, text, results);
  if (filled !== text)
    await writeFile(file, await format(filled, { ...(await resolveConfig(file)), parser: 'markdown' }));
}
