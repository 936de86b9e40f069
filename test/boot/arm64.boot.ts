import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { inject, it } from 'vitest';
import type { BootFamily } from './boot-families.js';
import { expectNode } from './expect-node.js';
import { provision } from './provision.js';

const FAMILY: BootFamily = {
  ...{ name: 'debian-arm64', title: 'for 64-bit ARM', os: 'debian', board: 'rk1' },
  ...{ cloudInit: false, grows: false },
};
const CONSOLE_LINES = 60;
const { directory, images } = inject('bootImages');
const image = images?.['debian-arm64'];

it.skipIf(!image).concurrent(
  'a flashed image is started by U-Boot from its own disk, and is as asked for',
  async ({ expect, signal, onTestFailed }) => {
    const consoleFile = path.join(directory, 'logs/debian-arm64.log');
    onTestFailed(async () => {
      const lines = (await readFile(consoleFile, 'utf8').catch(() => '')).split('\n').slice(-CONSOLE_LINES);
      process.stderr.write(`\n--- end of ${consoleFile}\n${lines.join('\n')}\n---\n`);
    });
    await using node = await provision(FAMILY, image!, consoleFile);
    expect(node.attempts.filter((note) => note.includes('is not the expected machine'))).toEqual([]);
    await expectNode(expect, FAMILY, node, signal);
    const log = await readFile(consoleFile, 'utf8');
    expect(log).toContain('U-Boot');
    expect(log).toMatch(/Retrieving file: \/boot\/vmlinuz/);
  },
);
