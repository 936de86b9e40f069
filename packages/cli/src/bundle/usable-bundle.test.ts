import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BundledPackage, MADE_FROM, usableBundle } from './usable-bundle.js';

let root: string;
let program: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'turingpi-bundle-'));
  program = path.join(root, 'node_modules/cli');
  await mkdir(path.join(program, 'dist/bundled'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const stamp = (...packages: BundledPackage[]) =>
  writeFile(path.join(program, 'dist/bundled', MADE_FROM), JSON.stringify(packages));
const install = async (place: string, version: string, compiledAt?: Date) => {
  const folder = path.join(root, 'node_modules', place);
  await mkdir(path.join(folder, 'dist'), { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ version }));
  if (compiledAt === undefined) return;
  const note = path.join(folder, 'dist/.tsbuildinfo');
  await writeFile(note, '');
  await utimes(note, compiledAt, compiledAt);
};
const isUsable = () => usableBundle(program) !== undefined;

describe('the bundle of the command is used', () => {
  it('where everything in it is what is installed', async () => {
    expect(isUsable()).toBe(false); // there is none
    await install('core', '1.0.0');
    await stamp({ name: 'core', version: '1.0.0' });
    expect(usableBundle(program)).toBe(path.join(program, 'dist/bundled/cli.js'));
    await install('core', '1.0.1');
    expect(isUsable()).toBe(false);
  });

  it('by the package that a module of it gets, which may have one of its own', async () => {
    await install('core', '1.0.0');
    await install('zod', '3.0.0');
    await install('core/node_modules/zod', '4.0.0');
    await stamp({ name: 'core', version: '1.0.0' }, { name: 'zod', version: '4.0.0', from: 0 });
    expect(isUsable()).toBe(true);
    await install('core/node_modules/zod', '4.0.1');
    expect(isUsable()).toBe(false);
    await rm(path.join(root, 'node_modules/core/node_modules'), { recursive: true });
    expect(isUsable()).toBe(false);
  });

  it('without what need not be there, and what only that uses', async () => {
    await stamp(
      { name: 'docker', version: '1.0.0', optional: true },
      { name: 'tar', version: '2.0.0', from: 0 },
    );
    expect(isUsable()).toBe(true);
    await stamp({ name: 'docker', version: '1.0.0' });
    expect(isUsable()).toBe(false);
  });

  it('in a clone until something is compiled again', async () => {
    const compiled = new Date(1_700_000_000_000);
    await install('core', '1.0.0', compiled);
    await stamp({ name: 'core', version: '1.0.0', builtMs: compiled.getTime() });
    expect(isUsable()).toBe(true);
    await install('core', '1.0.0', new Date(1_700_000_001_000));
    expect(isUsable()).toBe(false);
  });

  it.each(['{', '{}', '[null]'])('unless its own record is %s', async (text) => {
    await writeFile(path.join(program, 'dist/bundled', MADE_FROM), text);
    expect(isUsable()).toBe(false);
  });
});
