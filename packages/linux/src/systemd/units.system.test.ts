import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';
import { materialise } from '../image/materialise.fixture.js';
import { runProgram, systemProgram } from '../network/system-program.fixture.js';
import { disableUnit, enableUnit, isUnitEnabled, maskUnit } from './units.js';

const UNITS = {
  '/usr/lib/systemd/system/ssh.service':
    '[Unit]\nDescription=sshd\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n',
  '/usr/lib/systemd/system/getty@.service':
    '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n',
  '/usr/lib/systemd/system/both.service':
    '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=a.target b.target\nRequiredBy=c.target\n',
};
const NAMES = ['ssh.service', 'getty@tty1.service', 'both.service'];

let root: MemoryImageFiles;
beforeEach(() => {
  root = new MemoryImageFiles(UNITS);
});

/** Links under `/etc/systemd/system`. */
function links(): string[] {
  return [...root.dump()]
    .filter(([path, { type }]) => path.startsWith('/etc/systemd/system/') && type === 'symlink')
    .map(([path]) => path.slice('/etc/systemd/system/'.length))
    .sort();
}

it('enables, disables and masks units, and enables masked ones again', async () => {
  for (const unit of NAMES) await enableUnit(root, unit);
  expect(await isUnitEnabled(root, 'ssh.service')).toBe(true);
  await disableUnit(root, 'both.service');
  expect(await isUnitEnabled(root, 'both.service')).toBe(false);
  await maskUnit(root, 'ssh.service');
  expect(await isUnitEnabled(root, 'ssh.service')).toBe(false);
  await enableUnit(root, 'ssh.service');
  expect(await isUnitEnabled(root, 'ssh.service')).toBe(true);
  await expect(enableUnit(root, 'none.service')).rejects.toMatchObject({ code: 'UNIT_NOT_FOUND' });
});

const systemctl = systemProgram('systemctl');
describe.skipIf(!systemctl)('as systemctl --root', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turingpi-units-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const real = (...parameters: string[]) => runProgram(systemctl!, [`--root=${directory}`, ...parameters]);

  it.each(NAMES)('makes the same links for %s', async (unit) => {
    materialise(root, directory);
    expect(real('enable', unit)).toMatchObject({ exitCode: 0 });
    await enableUnit(root, unit);
    const made = readdirSync(join(directory, 'etc/systemd/system'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map(({ parentPath, name }) =>
        join(parentPath, name).slice(join(directory, 'etc/systemd/system/').length),
      )
      .sort();
    expect(links()).toEqual(made);
  });

  it.each([
    ['enabled', async (unit: string) => enableUnit(root, unit)],
    [
      'disabled',
      async (unit: string) => {
        await enableUnit(root, unit);
        await disableUnit(root, unit);
      },
    ],
    ['masked', async (unit: string) => maskUnit(root, unit)],
  ])('says that a unit is %s', async (state, change) => {
    for (const unit of ['both.service', 'ssh.service']) await change(unit);
    materialise(root, directory);
    expect(real('is-enabled', 'both.service', 'ssh.service').output.trim()).toBe(`${state}\n${state}`);
  });
});
