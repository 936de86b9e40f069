/**
 * Writes docs/reference/command.md from the definitions of the commands. Build first: `npm run reference`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { createCommandTree } from '../packages/cli/dist/command-tree.js';
import { renderReference } from '../packages/cli/dist/reference/render-reference.js';

const PAGE = path.resolve(import.meta.dirname, '../docs/reference/command.md');
const MARK = '<!-- From here on made by `npm run reference`; edit packages/cli/src/commands instead. -->\n';

const [written, made] = (await readFile(PAGE, 'utf8')).split(MARK);
if (made === undefined) throw new Error(`${PAGE} has no line "${MARK.trim()}"`);

const { stdout, stderr } = process;
const program = createCommandTree({ environment: {}, stdout, stderr, cwd: '/' }, () => undefined);
const page = `${written}${MARK}\n${renderReference(program)}\n`;
await writeFile(PAGE, await format(page, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
