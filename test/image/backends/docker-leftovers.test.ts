import { execFile, spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { DockerHost, DockerLeftovers } from '@turingpi/image-docker';
import { removeLeftovers } from '@turingpi/image';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from './require-docker.js';

const run = promisify(execFile);
/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['-e', '']).pid;

describe.skipIf(requireDocker().missing)('DockerLeftovers', () => {
  const made: string[] = [];
  beforeAll(importDockerImage);
  afterAll(async () => {
    for (const id of made) await run('docker', ['rm', '--force', id]).catch(() => undefined);
  });

  async function container(
    labels: Readonly<Record<string, string | number>>,
    start = false,
  ): Promise<string> {
    const all = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
    const verb = start ? ['run', '--detach'] : ['create'];
    const { stdout } = await run('docker', [
      ...verb,
      '--network',
      'none',
      ...all,
      DOCKER_IMAGE,
      'sleep',
      '300',
    ]);
    made.push(stdout.trim());
    return stdout.trim();
  }

  it('removes containers of dead processes of this host, running or not, and no others', async () => {
    const ours = (pid: number, host = hostname()) => ({
      'dev.turingpi.job': 'image',
      'dev.turingpi.pid': pid,
      'dev.turingpi.host': host,
    });
    const created = await container(ours(DEAD));
    const running = await container(ours(DEAD), true);
    const kept = [
      await container(ours(process.pid)),
      await container(ours(DEAD, `not-${hostname()}`)),
      await container({ ...ours(DEAD), 'dev.turingpi.computer': '00000000' }),
      await container({ 'dev.turingpi.pid': DEAD, 'dev.turingpi.host': hostname() }),
    ];
    const containers = new DockerLeftovers(new DockerHost());
    const { removed, failed } = await removeLeftovers({ directories: [], containers });
    expect(failed).toEqual([]);
    const names = removed.map(({ name }) => name);
    // Other tests open images with Docker meanwhile, and may have removed the two of the dead before.
    for (const id of kept) expect(names).not.toContain(id);
    const list = async () =>
      (await run('docker', ['ps', '--all', '--quiet', '--no-trunc'])).stdout.trim().split('\n');
    const theirs = async () => (await list()).filter((id) => id === created || id === running);
    await expect.poll(theirs, { timeout: 20_000 }).toEqual([]);
    expect(await list()).toEqual(expect.arrayContaining(kept));
  });
});
