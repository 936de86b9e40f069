import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requireTools } from '../support/site/require-tools.js';

const FOLDER = path.resolve(import.meta.dirname, '../../examples/fleet/systemd');
const units = (await readdir(FOLDER)).filter((name) => name.endsWith('.service')).sort();
const { missing } = requireTools('systemd-analyze');

describe('the systemd units of a fleet', () => {
  it.skipIf(missing)('are understood by systemd', async () => {
    const copies = await mkdtemp(path.join(os.tmpdir(), 'turingpi-units-'));
    onTestFinished(() => rm(copies, { recursive: true, force: true }));
    for (const unit of units) {
      const text = await readFile(path.join(FOLDER, unit), 'utf8');
      // The program that they start is not installed here; everything else stays.
      const command = /^ExecStart=\S+/m;
      expect(text).toMatch(command);
      await writeFile(path.join(copies, unit), text.replace(command, `ExecStart=${process.execPath}`));
    }
    const files = units.map((unit) => path.join(copies, unit));
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', ...files]);
    expect(`${stdout}${stderr}`).toBe('');
  });

  it('start an agent of the site that the instance names, and a controller', async () => {
    const started = units.map(async (unit) => {
      const text = await readFile(path.join(FOLDER, unit), 'utf8');
      return /^ExecStart=\S+turingpi (.*)$/m.exec(text)?.[1];
    });
    expect(await Promise.all(started)).toEqual(['fleet agent --site %i', 'fleet controller']);
  });
});
