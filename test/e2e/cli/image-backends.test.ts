import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DockerHost, DockerLeftovers } from '@turingpi/image-docker';
import type { ImageBackendId } from '@turingpi/image';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RK1 } from '../../image/backends/backend-subject.js';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from '../../image/backends/require-docker.js';
import { requireRoot } from '../../image/backends/require-root.js';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI, jsonLines, runCli, startCli } from '../../support/site/run-cli.js';

const run = promisify(execFile);
const noTools = requireTools('xz', 'e2fsck').missing;
const noLoop = requireTools('losetup', 'mount', 'umount').missing || requireRoot().missing;
const noDocker = requireDocker().missing;
const backends: readonly [ImageBackendId, boolean, readonly string[]][] = [
  ['loop', noTools || noLoop, []],
  ['docker', noTools || noDocker, ['--docker-image', DOCKER_IMAGE]],
];

let work: string;
let input: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'turingpi-cli-backends-'));
  await copyFile(RK1.image, path.join(work, 'a.img.xz'));
  await writeFile(path.join(work, 'motd'), 'hello\n', { mode: 0o640 });
  await writeFile(path.join(work, 'user-data'), '#cloud-config\n{}\n');
  await mkdir(path.join(work, 'tree/sub'), { recursive: true });
  await writeFile(path.join(work, 'tree/sub/tool'), '#!/bin/sh\n', { mode: 0o755 });
  input = await digestOf('a.img.xz');
  if (!noDocker) await importDockerImage();
  // The reference, made by the default backend.
  const image = (...args: string[]) => runCli(['image', ...args, '--cache-dir', 'cache'], { cwd: work });
  expect(await image('customize', 'a.img.xz', '-o', 'other-1.img.xz', ...EDITS)).toMatchObject({
    exitCode: 0,
  });
  expect(await image('customize', 'other-1.img.xz', '-o', 'other-2.img', ...SEED)).toMatchObject({
    exitCode: 0,
  });
});
afterAll(() => rm(work, { recursive: true, force: true }));

const digestOf = async (name: string) =>
  createHash('sha256')
    .update(await readFile(path.join(work, name)))
    .digest('hex');

/** Every option there is; those of `-p` need another run. */
const EDITS = [
  ...['--hostname', 'lab1', '--write', '/srv/motd=motd', '--copy', '/opt/tree=tree'],
  ...['--chmod', '/etc/os-release=0600', '--remove', '/etc/timezone'],
];
const SEED = ['-p', 'CIDATA', '--write', '/user-data=user-data'];

/** Mounts, loop devices, files and containers that are left of the CLI's runs. */
async function held(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')).split('\n');
  const devices = noLoop ? [] : (await run('losetup', ['-a'])).stdout.split('\n');
  const files = await readdir(path.join(work, 'cache')).catch(() => [] as string[]);
  const beside = await readdir(work);
  const containers = noDocker ? [] : await new DockerLeftovers(new DockerHost()).find();
  return [
    ...[...mounts, ...devices].filter((line) => line.includes(work)),
    ...[...files, ...beside].filter((name) => name.endsWith('.turingpi-tmp')),
    ...containers.map(({ name }) => name),
  ];
}

describe.each(backends)('turingpi image --backend %s', (id, missing, more) => {
  const image = (...args: string[]) =>
    runCli(['image', ...args, '--backend', id, ...more, '--cache-dir', 'cache'], { cwd: work });
  afterEach(async () => {
    if (missing) return;
    expect(await digestOf('a.img.xz')).toBe(input);
    await expect.poll(held, { timeout: 15_000 }).toEqual([]);
  });

  const long = { timeout: 240_000 }; // starts the command ten times, each of which mounts a whole image
  it.skipIf(missing)(
    'customises both partitions as the default backend does, and reads them',
    long,
    async () => {
      const made = await image(
        'customize',
        'a.img.xz',
        '-o',
        `${id}-1.img.xz`,
        '--overwrite',
        ...EDITS,
        '--json',
      );
      expect(withoutProgress(made.stderr)).toBe('');
      expect(made.exitCode).toBe(0);
      expect(jsonLines(made.stdout)).toEqual([
        expect.objectContaining({ event: 'customized', backendReason: `${id} was asked for.` }),
      ]);
      const second = await image('customize', `${id}-1.img.xz`, '-o', `${id}-2.img`, '--overwrite', ...SEED);
      expect([withoutProgress(second.stderr), second.exitCode]).toEqual(['', 0]);
      expect((await stat(path.join(work, `${id}-2.img`))).mode & 0o777).toBe(0o600);

      expect((await image('cat', `${id}-2.img`, '/etc/hostname')).stdout).toBe('lab1');
      expect((await image('cat', `${id}-2.img`, '/user-data', '-p', 'CIDATA')).stdout).toContain(
        '#cloud-config',
      );
      const listed = jsonLines((await image('ls', `${id}-2.img`, '/opt/tree/sub', '--json')).stdout);
      expect(listed).toEqual([
        expect.objectContaining({ name: 'tool', mode: 0o755, uid: 0, gid: 0, size: 10 }),
      ]);
      const [info] = jsonLines((await image('info', `${id}-2.img`, '--json')).stdout);
      expect(info).toMatchObject({ image: { backend: id, partitions: { length: 2 } } });
      await run('e2fsck', ['-fn', `${path.join(work, `${id}-2.img`)}?offset=${RK1.rootAt}`]);

      const equal = await image('diff', `${id}-2.img`, 'other-2.img', '--json');
      expect([equal.stderr, equal.stdout, equal.exitCode]).toEqual(['', '', 0]);
      const changed = await image('diff', 'a.img.xz', `${id}-2.img`, '--json');
      expect(changed.exitCode).toBe(1);
      const paths = jsonLines(changed.stdout).map((entry) => entry['path']);
      expect(paths).toEqual(expect.arrayContaining(['/srv/motd', '/etc/timezone', '/opt/tree/sub/tool']));
    },
  );

  it.skipIf(missing)('says what is wrong in the image, and makes nothing', async () => {
    expect(await image('cat', 'a.img.xz', '/etc/none')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('IMAGE_PATH_NOT_FOUND') as string,
    });
    const edit = ['--write', '/etc/hostname/x=motd'];
    expect(await image('customize', 'a.img.xz', '-o', 'none.img', ...edit)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('IMAGE_NOT_A_DIRECTORY') as string,
    });
    expect(await readdir(work)).not.toContain('none.img');
  });

  it.skipIf(missing)('lets go of everything on Ctrl-C', async () => {
    const parameters = ['customize', 'a.img.xz', '-o', 'stopped.img.xz', '--overwrite', ...EDITS, '--json'];
    const child = startCli(['image', ...parameters, '--backend', id, ...more, '--cache-dir', `cache-${id}`], {
      cwd: work,
    });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    await Promise.race([begunIn(path.join(work, `cache-${id}`)), ended]);
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(130);
    expect(await readdir(work)).not.toContain('stopped.img.xz');
    const left = await readdir(path.join(work, `cache-${id}`));
    expect(left.filter((name) => name.endsWith('.turingpi-tmp'))).toEqual([]);
  });

  it.skipIf(missing)('ends quietly when nobody reads on, and lets go of everything', async () => {
    const parameters = ['image', 'ls', 'a.img.xz', '/usr/bin', '--backend', id, ...more];
    const all = [CLI, ...parameters, '--cache-dir', 'cache'];
    const quote = (text: string) => `'${text}'`;
    const pipe = [process.execPath, ...all].map(quote).join(' ');
    const { stderr, stdout } = await run('bash', ['-c', `set -o pipefail; ${pipe} | true; echo $?`], {
      cwd: work,
    });
    expect([withoutProgress(stderr), stdout]).toEqual(['', '0\n']);
  });
});

/** Waits until a run has made its cache directory and begun to fill it. */
async function begunIn(directory: string): Promise<void> {
  while ((await readdir(directory).catch(() => [])).length === 0) await delay(5);
}

describe('turingpi image --backend docker', () => {
  const image = (env: Readonly<Record<string, string>>, ...more: string[]) =>
    runCli(
      ['image', 'customize', 'a.img.xz', '-o', 'none.img', '--hostname', 'x', '--backend', 'docker', ...more],
      { cwd: work, env: { XDG_CACHE_HOME: path.join(work, 'xdg'), ...env } },
    );

  it.each([
    ['is not installed', 'DOCKER_NOT_INSTALLED', ''],
    ['is not running', 'DOCKER_DAEMON_DOWN', '/bin:/usr/bin'],
  ])('says that Docker %s, and how to cure that', async (_, code, PATH) => {
    if (code === 'DOCKER_DAEMON_DOWN' && requireTools('docker').missing) return;
    const { exitCode, stderr } = await image({ PATH, DOCKER_HOST: `unix://${path.join(work, 'none.sock')}` });
    expect(stderr).toMatch(new RegExp(`^error ${code}: .+\n {2}.*(?:apt install|systemctl start)`));
    expect(exitCode).toBe(1);
    expect(await readdir(work)).not.toContain('none.img');
  });

  it.skipIf(noDocker)('says which image it needs, and how to get it', async () => {
    const { exitCode, stderr } = await image({}, '--docker-image', 'turingpi-test-none:1');
    expect(stderr).toMatch(
      /^error DOCKER_IMAGE_MISSING: .*turingpi-test-none:1.*\n.*docker pull turingpi-test-none:1/,
    );
    expect(exitCode).toBe(1);
    expect(await readdir(work)).not.toContain('none.img');
  });
});

/** What a slow machine is told while it works is no complaint. */
function withoutProgress(text: string): string {
  return text.replace(/^[a-z ]+ \d+ % \(.*\)$/gm, '').trim();
}
