/**
 * Writes the tables of docs/errors.md from what `turingpi explain` says. Build first: `npm run errors`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { EXPLANATIONS } from '../packages/cli/dist/explanation/explanations.js';

const PAGE = path.resolve(import.meta.dirname, '../docs/errors.md');
const MARK = '<!-- From here on made by `npm run errors`; edit packages/cli/src/explanation instead. -->\n';

const [written, made] = (await readFile(PAGE, 'utf8')).split(MARK);
if (made === undefined) throw new Error(`${PAGE} has no line "${MARK.trim()}"`);

const tables = EXPLANATIONS.map(({ title, codes }) => {
  const rows = Object.entries(codes).map(([code, { means, cure }]) => `| \`${code}\` | ${means} | ${cure} |`);
  return [`## Codes of ${title}`, '', '| code | means | cure |', '| --- | --- | --- |', ...rows].join('\n');
});
const page = `${written}${MARK}\n${tables.join('\n\n')}\n`;
await writeFile(PAGE, await format(page, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
