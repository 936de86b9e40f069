import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'turingpi-image-commands-'));
  await copyFile(baseImagePath('rk1-ubuntu.img.xz'), path.join(directory, 'a.img.xz'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

class Collected extends Writable {
  readonly chunks: Buffer[] = [];
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    done();
  }
  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

async function run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const cacheDir = path.join(directory, 'cache');
  const argv = ['node', 'turingpi', 'image', ...args, '--cache-dir', cacheDir];
  const exitCode = await runCli(argv, { environment: {}, stdout, stderr, cwd: directory });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('turingpi image info', () => {
  it('shows packing, partitions and system', async () => {
    const { exitCode, stdout } = await run('info', 'a.img.xz');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^packed as +xz, /m);
    expect(stdout).toMatch(/^xz +\d+ blocks of up to .*, largest dictionary .*, check crc/m);
    expect(stdout).toMatch(/^distribution +Ubuntu/m);
    expect(stdout).toMatch(/^network +netplan/m);
    expect(stdout).toContain('CIDATA');
    expect(stdout).toMatch(/^edited by +userspace: /m);
  });

  it('as JSON', async () => {
    const { stdout } = await run('info', 'a.img.xz', '--json');
    expect(lines(stdout)).toEqual([
      {
        image: expect.objectContaining({
          container: 'xz',
          backend: 'userspace',
          partitions: expect.arrayContaining([
            expect.objectContaining({ fileSystem: expect.objectContaining({ kind: 'ext4' }) as object }),
          ]) as object,
          xz: expect.objectContaining({ blocks: expect.any(Number) as number }) as object,
        }) as object,
        system: { findings: expect.arrayContaining([expect.objectContaining({ topic: 'board' })]) as object },
      },
    ]);
  });

  it('says when the cache directory cannot be made', async () => {
    const [stdout, stderr] = [new Collected(), new Collected()];
    const argv = ['node', 'turingpi', 'image', 'info', 'a.img.xz', '--cache-dir', 'a.img.xz'];
    expect(await runCli(argv, { environment: {}, stdout, stderr, cwd: directory })).toBe(1);
    expect(stderr.text).toMatch(/^error IMAGE_WRITE_FAILED: .*a\.img\.xz.*\n {2}.*--cache-dir/);
  });

  it('says what is wrong', async () => {
    await writeFile(path.join(directory, 'text.img'), 'x'.repeat(4096));
    expect(await run('info', 'none.img')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('IMAGE_NOT_FOUND') as string,
    });
    expect(await run('info', 'text.img')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/IMAGE_\w+.*text\.img/) as string,
    });
  });
});

describe('turingpi image ls and cat', () => {
  it('list a directory and print a file, of any partition', async () => {
    const { stdout } = await run('ls', 'a.img.xz', '/etc');
    expect(stdout).toMatch(/^-rw-r--r-- 0:0 +\d+ \d{4}-\d\d-\d\d \d\d:\d\d hostname$/m);
    const names = lines((await run('ls', 'a.img.xz', '/', '-p', 'CIDATA', '--json')).stdout).map(
      ({ name }) => name,
    );
    expect(names).toContain('user-data');
    expect((await run('cat', 'a.img.xz', '/etc/os-release')).stdout).toContain('ID=ubuntu');
  });

  it.each([
    [['cat', 'a.img.xz', '/etc'], 'IMAGE_IS_A_DIRECTORY'],
    [['cat', 'a.img.xz', '/none'], 'IMAGE_PATH_NOT_FOUND'],
    [['ls', 'a.img.xz', 'etc'], 'IMAGE_PATH_INVALID'],
    [['ls', 'a.img.xz', '/', '-p', '9'], 'IMAGE_NO_PARTITION'],
  ])('%j fails with %s', async (args, code) => {
    expect(await run(...args)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(code) as string,
    });
  });
});

describe('turingpi image customize and diff', () => {
  it('changes what was asked for and nothing else', async () => {
    const input = createHash('sha256')
      .update(await readFile(path.join(directory, 'a.img.xz')))
      .digest('hex');
    await writeFile(path.join(directory, 'motd'), 'hello\n', { mode: 0o640 });
    const edits = ['--hostname', 'lab1', '--write', '/srv/motd=motd', '--chmod', '/etc/os-release=0600'];
    const { exitCode, stderr } = await run('customize', 'a.img.xz', '-o', 'b.img.xz', ...edits);
    expect(stderr.replace(/^[a-z ]+ \d+ % \(.*\)\n/gm, '')).toBe(''); // what a slow machine is told is no complaint
    expect(exitCode).toBe(0);
    const digest = createHash('sha256')
      .update(await readFile(path.join(directory, 'a.img.xz')))
      .digest('hex');
    expect(digest).toBe(input);
    expect((await run('cat', 'b.img.xz', '/etc/hostname')).stdout).toBe('lab1\n');

    const diff = await run('diff', 'a.img.xz', 'b.img.xz', '--json');
    expect(diff.exitCode).toBe(1);
    const changes = lines(diff.stdout).filter(({ change }) => change !== undefined);
    const motd = createHash('sha256').update('hello\n').digest('hex');
    expect(changes.find((entry) => entry['path'] === '/srv/motd')).toMatchObject({
      change: 'added',
      after: { mode: 0o640, uid: 0, gid: 0, size: 6, sha256: motd },
    });
    expect(changes.find((entry) => entry['path'] === '/etc/hostname')).toMatchObject({
      change: 'changed',
      facts: ['content'],
    });
    const allowed =
      /^\/(srv\/motd|srv|etc\/(hostname|hosts|os-release|cloud\/cloud\.cfg\.d\/99-turingpi-hostname\.cfg)|usr\/lib\/os-release)$/;
    expect(changes.map((entry) => entry['path']).filter((name) => !allowed.test(String(name)))).toEqual([]);
    expect((await run('diff', 'a.img.xz', 'b.img.xz')).stdout).toMatch(/^\+ \d:\/srv\/motd {2}-rw-r-----/m);
  });

  it('finds no difference between an image and itself', async () => {
    expect(await run('diff', 'a.img.xz', 'a.img.xz')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('All files are equal') as string,
    });
  });

  it.each([
    ['the input as output', ['-o', 'a.img.xz', '--overwrite', '--remove', '/x'], 1, 'IMAGE_OUTPUT_EXISTS'],
    ['an output that is there', ['-o', 'there.img', '--remove', '/x'], 1, 'IMAGE_OUTPUT_EXISTS'],
    ['nothing to do', ['-o', 'c.img.xz'], 2, 'USAGE'],
    ['a missing source', ['-o', 'c.img.xz', '--write', '/x=none'], 1, 'IMAGE_SOURCE_NOT_FOUND'],
    ['a bad hostname', ['-o', 'c.img.xz', '--hostname', '-x'], 1, 'HOSTNAME_INVALID'],
    ['a relative path', ['-o', 'c.img.xz', '--write', 'x=motd'], 2, 'path/in/the/image'],
    [
      'a backend that is not there',
      ['-o', 'c.img.xz', '--backend', 'none', '--remove', '/x'],
      1,
      'IMAGE_NO_BACKEND',
    ],
  ])('refuses %s', async (_, args, exitCode, text) => {
    await writeFile(path.join(directory, 'there.img'), 'mine');
    const before = (await readdir(directory)).sort();
    const result = await run('customize', 'a.img.xz', ...args);
    expect(result.stderr).toContain(text);
    expect(result.exitCode).toBe(exitCode);
    expect((await readdir(directory)).sort()).toEqual(before);
    expect(await readFile(path.join(directory, 'there.img'), 'utf8')).toBe('mine');
  });
});

describe('turingpi image try', () => {
  it('needs to know who logs in', async () => {
    expect(await run('try', 'a.img.xz')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--user') as string,
    });
  });

  it('writes over no file', async () => {
    const key = path.join(directory, 'key');
    await writeFile(key, 'a key');
    const words = ['try', 'a.img.xz', '--user', 'root', '-i', key, '--keep', key];
    expect(await run(...words)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is there already') as string,
    });
    expect(await readFile(key, 'utf8')).toBe('a key');
  });
});
