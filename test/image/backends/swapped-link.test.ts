import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DockerBackend } from '@turingpi/image-docker';
import { LoopBackend } from '@turingpi/image-loop';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { RK1 } from './backend-subject.js';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from './require-docker.js';
import { requireRoot } from './require-root.js';

const run = promisify(execFile);

/** Exchanges a directory and a symlink for one another, as fast as it can. */
const SWAPPER = `
  const { renameSync, symlinkSync } = require('node:fs');
  const [base, target] = process.argv.slice(1);
  symlinkSync(target, base + '/link');
  console.log('swapping');
  for (;;) {
    renameSync(base + '/victim', base + '/real');
    renameSync(base + '/link', base + '/victim');
    renameSync(base + '/victim', base + '/link');
    renameSync(base + '/real', base + '/victim');
  }
`;
const ATTEMPTS = Number(process.env['TURINGPI_SWAPS'] ?? 300);

describe.skipIf(requireTools('losetup', 'mount', 'e2fsck').missing || requireRoot().missing)(
  'loop mount',
  () => {
    it('never follows a link that takes the place of a directory between check and use', async () => {
      const work = await mkdtemp(join(tmpdir(), 'turingpi-swap-'));
      const canary = join(work, 'canary');
      const { signal } = new AbortController();
      const seen = new Set<string>();
      try {
        await mkdir(canary);
        await writeFile(join(canary, 'file'), 'of the host', { mode: 0o600 });
        await using session = await new LoopBackend().open(
          RK1.image,
          { signal, cacheDir: join(work, 'cache') },
          'test',
        );
        const root = await session.files();
        await root.writeFile('/swap/victim/file', 'of the image');
        const [copy = ''] = (await readdir(join(work, 'cache'))).filter((name) =>
          name.startsWith('.working-copy.'),
        );
        const base = join(work, 'cache', copy, 'mnt2', 'swap');
        const swapper = spawn(process.execPath, ['-e', SWAPPER, base, canary], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        try {
          await once(swapper.stdout, 'data');
          for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
            const outcome = async (operation: Promise<unknown>): Promise<void> => {
              seen.add(
                await operation.then(
                  (result) => (Buffer.isBuffer(result) ? result.toString() : 'done'),
                  codeOf,
                ),
              );
            };
            await outcome(root.fileSystem.readFile('/swap/victim/file'));
            await outcome(root.fileSystem.writeFile('/swap/victim/planted', Buffer.from('x')));
            await outcome(root.fileSystem.setAttributes('/swap/victim/file', { mtime: new Date(0) }));
            await outcome(root.fileSystem.mkdir(`/swap/victim/made-${attempt}`));
          }
        } finally {
          swapper.kill('SIGKILL');
          await once(swapper, 'exit');
        }
        expect(await readdir(canary)).toEqual(['file']);
        expect(await readFile(join(canary, 'file'), 'utf8')).toBe('of the host');
      } finally {
        await rm(work, { recursive: true, force: true });
      }
      expect(seen).not.toContain('of the host');
      // Both states were met, or nothing was tested.
      expect([...seen]).toContain('done');
      expect([...seen]).toContain('IMAGE_NOT_A_DIRECTORY');
    });
  },
);

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}

/** The same in a container, in the shell that is there; it ends with the container. */
const CONTAINER_SWAPPER = `
  cd "$0" && ln -s /canary link
  while :; do mv victim real; mv link victim; mv victim link; mv real victim; done
`;
const CONTAINER_ATTEMPTS = Number(process.env['TURINGPI_SWAPS'] ?? 15);
const PATIENCE = 500;

describe.skipIf(requireDocker().missing)('docker mount', () => {
  beforeAll(importDockerImage);

  it('never follows a link that takes the place of a directory between check and use', async () => {
    const work = await mkdtemp(join(tmpdir(), 'turingpi-swap-'));
    const canary = join(work, 'canary');
    const { signal } = new AbortController();
    const seen = new Set<string>();
    try {
      await mkdir(canary);
      await writeFile(join(canary, 'file'), 'of the host', { mode: 0o600 });
      const volumes = [{ host: canary, container: '/canary' }];
      const backend = new DockerBackend({ image: DOCKER_IMAGE, volumes });
      await using session = await backend.open(RK1.image, { signal, cacheDir: join(work, 'cache') }, 'test');
      const root = await session.files();
      await root.symlink('/canary', '/to-canary');
      await expect(root.readFile('/to-canary/file')).rejects.toMatchObject({ code: 'IMAGE_PATH_NOT_FOUND' });
      await root.writeFile('/swap/victim/file', 'of the image');
      const label = `label=dev.turingpi.pid=${process.pid}`;
      const { stdout: id } = await run('docker', ['ps', '--quiet', '--filter', label]);
      const args = ['exec', '--detach', id.trim(), 'sh', '-c', CONTAINER_SWAPPER, '/work/mnt2/swap'];
      await run('docker', args);
      const hasMetBoth = () => seen.has('done') && [...seen].some((code) => code.startsWith('IMAGE_'));
      // So often, and on until both states were met: which of them is there is a matter of luck.
      for (
        let attempt = 0;
        attempt < CONTAINER_ATTEMPTS || !(hasMetBoth() || attempt > PATIENCE);
        attempt++
      ) {
        const outcome = async (operation: Promise<unknown>): Promise<void> => {
          seen.add(
            await operation.then((result) => (Buffer.isBuffer(result) ? result.toString() : 'done'), codeOf),
          );
        };
        await outcome(root.fileSystem.readFile('/swap/victim/file'));
        await outcome(root.fileSystem.writeFile('/swap/victim/planted', Buffer.from('x')));
        await outcome(root.fileSystem.setAttributes('/swap/victim/file', { mtime: new Date(0) }));
        await outcome(root.fileSystem.mkdir(`/swap/victim/made-${attempt}`));
      }
      expect(await readdir(canary)).toEqual(['file']);
      expect(await readFile(join(canary, 'file'), 'utf8')).toBe('of the host');
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    expect(seen).not.toContain('of the host');
    expect([...seen]).toContain('done');
    expect([...seen].filter((code) => code.startsWith('IMAGE_')).length).toBeGreaterThan(0);
  });
});
