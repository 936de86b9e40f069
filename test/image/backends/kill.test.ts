import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheDirectories, findLeftovers, type ImageBackendId, UserspaceBackend } from '@turingpi/image';
import { DockerHost, DockerLeftovers } from '@turingpi/image-docker';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { RK1 } from './backend-subject.js';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from './require-docker.js';
import { requireRoot } from './require-root.js';

const run = promisify(execFile);
const CHILD = join(import.meta.dirname, 'edit-child.js');
/** `TURINGPI_KILLS=50` for the whole acceptance; a few by default. */
const KILLS = Number(process.env['TURINGPI_KILLS'] ?? 3);
const { signal } = new AbortController();

/** Runs the child; kills it after so many milliseconds, or lets it end. */
async function edit(
  id: ImageBackendId,
  work: string,
  killAfterMs?: number,
): Promise<{ readonly ranMs: number; readonly killed: boolean }> {
  const args = [CHILD, id, RK1.image, join(work, 'cache'), join(work, 'out.img.xz'), DOCKER_IMAGE];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  await once(child.stdout, 'data');
  const begun = performance.now();
  if (killAfterMs !== undefined) {
    await Promise.race([delay(killAfterMs), ended]);
    child.kill('SIGKILL');
    await ended;
  } else expect((await ended)[0]).toBe(0);
  return { ranMs: performance.now() - begun, killed: child.signalCode === 'SIGKILL' };
}

/** Everything of a run that this computer still knows: mounts, loop devices, files, containers of that process. */
async function remains(work: string): Promise<string[]> {
  const found: string[] = [];
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  found.push(...mounts.split('\n').filter((line) => line.includes(work)));
  for (const name of await readdir('/sys/block')) {
    const file = await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '');
    if (file.includes(work) || file.trim() === '/work/disk.img') found.push(`${name} ${file}`);
  }
  found.push(...(await readdir(work, { recursive: true })).filter((name) => name.endsWith('.turingpi-tmp')));
  found.push(...(await new DockerLeftovers(new DockerHost()).find()).map(({ name }) => name));
  return found;
}

async function killAtRandom(id: ImageBackendId): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), `turingpi-kill-${id}-`));
  try {
    await edit(id, work); // the first one fills the cache, and takes longer
    const { ranMs } = await edit(id, work);
    for (let kills = 0; kills < KILLS;) if ((await edit(id, work, Math.random() * ranMs)).killed) kills += 1;
    await rm(join(work, 'out.img.xz'), { force: true });
    await edit(id, work);
    const directories = [work, ...cacheDirectories(join(work, 'cache'))];
    expect(await findLeftovers({ directories })).toEqual([]);
    // Other tests use loop devices and containers at the same time: theirs go, what was left behind would stay.
    await expect.poll(() => remains(work), { timeout: 90_000, interval: 100 }).toEqual([]);
    expect((await stat(join(work, 'out.img.xz'))).mode & 0o777).toBe(0o600);
    await run('xz', ['-t', join(work, 'out.img.xz')]);
    await using session = await new UserspaceBackend().open(
      join(work, 'out.img.xz'),
      { signal, cacheDir: join(work, 'cache') },
      'test',
    );
    expect((await (await session.files()).readFile('/killed/4')).equals(Buffer.alloc(200_000, 4))).toBe(true);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const timeout = 180_000 + KILLS * 20_000;
const noXz = requireTools('xz').missing;

describe.skipIf(noXz)('a process that is killed at random moments leaves nothing for the next run', () => {
  it('userspace', () => killAtRandom('userspace'), timeout);
  it.skipIf(requireTools('losetup', 'mount', 'e2fsck').missing || requireRoot().missing)(
    'loop',
    () => killAtRandom('loop'),
    timeout,
  );
  describe.skipIf(requireDocker().missing)('docker', () => {
    beforeAll(importDockerImage);
    it('docker', () => killAtRandom('docker'), timeout);
  });
});
