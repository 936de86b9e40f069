import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { createCommandTree } from '../../packages/cli/src/command-tree.js';
import { renderReference } from '../../packages/cli/src/reference/render-reference.js';

const PAGE = path.resolve(import.meta.dirname, '../../docs/reference/command.md');

it('docs/reference/command.md is what the commands are (`npm run reference` writes it)', async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const program = createCommandTree({ environment: {}, stdout, stderr, cwd: '/' }, () => undefined);
  const page = await readFile(PAGE, 'utf8');
  const written = page.slice(page.indexOf('-->\n') + 4).trimStart();
  const options = { ...(await resolveConfig(PAGE)), parser: 'markdown' };
  expect(written).toBe(await format(`${renderReference(program)}\n`, options));
});
