import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { runCli } from '../support/site/run-cli.js';
import { makeSite } from '../support/site/site.js';

/** Holds its program open until it is disposed, and says in a file that it was. */
const LIVING = `
import { appendFile } from 'node:fs/promises';
export default {
  name: 'turingpi-plugin-living',
  apiVersion: 1,
  [Symbol.for('@turingpi/core:plugin')]: true,
  start() {
    const timer = setInterval(() => undefined, 1000);
    return {
      async [Symbol.asyncDispose]() {
        clearInterval(timer);
        await appendFile(new URL('./told', import.meta.url), 'ended\\n');
      },
    };
  },
};
`;

it.each([
  ['status'],
  ['plugin', 'list'],
  ['cache', 'list'],
  ['node', 'power', 'status'],
  ['board', 'info'],
  ['doctor'],
  ['up'],
])('what a plugin has started is ended with the command: %s', async (...command) => {
  await using site = await makeSite();
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }],
    clock: { scale: 100 },
    dir: path.join(site.directory, 'board'),
  });
  await site.configure(board);
  const folder = path.join(site.directory, 'node_modules/turingpi-plugin-living');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'index.js'), LIVING);
  const manifest = { plugin: './index.js', kind: 'service', api: 1 };
  const described = {
    name: 'turingpi-plugin-living',
    version: '1.0.0',
    type: 'module',
    turingpi: manifest,
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(described));
  const dependencies = { [described.name]: '*' };
  await writeFile(path.join(site.directory, 'package.json'), JSON.stringify({ dependencies }));

  await runCli(command, { cwd: site.directory }); // would never end
  expect(await readFile(path.join(folder, 'told'), 'utf8')).toMatch(/^ended\n$/);
});
