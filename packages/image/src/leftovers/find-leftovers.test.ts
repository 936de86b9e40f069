import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLeftovers } from './find-leftovers.js';
import { thisProcess } from '@turingpi/foundation';
import { temporaryName } from './temporary-name.js';
import { removeLeftovers } from './remove-leftovers.js';

/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['-e', '']).pid;

describe('leftovers', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'leftovers-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const write = (name: string) => writeFile(join(directory, name), 'x');
  const found = async () => (await findLeftovers({ directories: [directory] })).map(({ name }) => name);

  async function workingCopy(name: string, owner: string): Promise<void> {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'owner.json'), owner);
    await writeFile(join(directory, name, 'disk.img'), 'disk');
  }

  it('are the temporary files and working copies of processes that have ended, and nothing else', async () => {
    const dead = `.node1.img.xz.${DEAD}.0123456789ab.turingpi-tmp`;
    await write(dead);
    await write(`.node1.img.xz.${process.pid}.0123456789ab.turingpi-tmp`); // still written
    await write('node1.img.xz');
    await write(`node1.${DEAD}.0123456789ab.turingpi-tmp`); // a user's: ours begin with a dot
    await write(`.node1.${DEAD}.notes.turingpi-tmp`);
    await write('.node1.0.0123456789ab.turingpi-tmp');
    const copy = `.working-copy.${DEAD}.0123456789ab.turingpi-tmp`;
    await workingCopy(copy, JSON.stringify({ pid: DEAD, host: hostname() }));
    expect((await found()).sort()).toEqual([join(directory, dead), join(directory, copy)].sort());

    const { removed, failed } = await removeLeftovers({ directories: [directory, join(directory, 'none')] });
    expect([removed.length, failed]).toEqual([2, []]);
    expect(await found()).toEqual([]);
    expect((await readdir(directory)).length).toBe(5);
  });

  it.each<[string, { readonly host: string; readonly computer?: string }]>([
    ['of another name', { host: `not-${hostname()}` }],
    ['of the same name, or a container on this one', { host: hostname(), computer: '00000000' }],
  ])('are never those of a process of another computer %s', async (_, owner) => {
    const computer = owner.computer ?? '00000000';
    await write(`.x.img.${DEAD}-${computer}.0123456789ab.turingpi-tmp`);
    await workingCopy(
      `.working-copy.${DEAD}-${computer}.0123456789ab.turingpi-tmp`,
      JSON.stringify({ pid: DEAD, ...owner }),
    );
    await workingCopy(`.working-copy.${DEAD}-${computer}.ba9876543210.turingpi-tmp`, '{"pid":'); // not written yet
    expect(await found()).toEqual([]);
    const { removed, failed } = await removeLeftovers({ directories: [directory] });
    expect([removed, failed]).toEqual([[], []]);
    expect((await readdir(directory)).length).toBe(3);
  });

  it('are known by the name that a process gives to its temporary files', async () => {
    for (const name of ['node1.img.xz', 'ü'.repeat(120), 'two\nlines']) {
      const made = await temporaryName(name);
      expect(Buffer.byteLength(made)).toBeLessThanOrEqual(255);
      const left = made.replace(`.${process.pid}-`, `.${DEAD}-`);
      await write(left);
      expect(await found()).toEqual([join(directory, left)]);
      await rm(join(directory, left));
    }
    await write(await temporaryName('node1.img.xz'));
    expect(await found()).toEqual([]);
  });

  it('are told from those of a process that got the number of a dead one', async () => {
    const alive = await thisProcess();
    const name = (random: string) => `.working-copy.${process.pid}.${random}.turingpi-tmp`;
    await workingCopy(name('aaaaaaaa'), JSON.stringify(alive));
    await workingCopy(name('bbbbbbbb'), JSON.stringify({ ...alive, start: 'another boot:1' }));
    if (process.platform === 'linux') expect(await found()).toEqual([join(directory, name('bbbbbbbb'))]);
    const old = `.old.img.${process.pid}.0123456789ab.turingpi-tmp`;
    await write(old);
    await utimes(join(directory, old), new Date(0), new Date(0)); // older than this process
    if (process.platform === 'linux') expect(await found()).toContain(join(directory, old));
  });

  it('are found when their process was killed before it said who it was', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const name = `.working-copy.${child.pid ?? 0}.0123456789ab.turingpi-tmp`;
    await workingCopy(name, '{"pid":');
    expect(await found()).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await found()).toEqual([join(directory, name)]);
  });

  it('are reported when they cannot be removed, and the others are removed', async () => {
    const dead = `.node1.img.xz.${DEAD}.0123456789ab.turingpi-tmp`;
    await write(dead);
    const container = { kind: 'container', name: 'c0ffee', pid: DEAD } as const;
    const containers = {
      find: () => Promise.resolve([container]),
      remove: () => Promise.reject(new Error('the daemon refuses')),
    };
    const { removed, failed } = await removeLeftovers({ directories: [directory], containers });
    expect(removed.map(({ kind }) => kind)).toEqual(['temporary-file']);
    expect(failed).toEqual([{ leftover: container, why: 'the daemon refuses' }]);
  });
});
