import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTools } from '../site/require-tools.js';

const run = promisify(execFile);

/** What {@link importDockerImage} makes. */
export const DOCKER_IMAGE = 'turingpi-test-busybox:latest';

/**
 * Says whether a Docker daemon answers and the static busybox is there that its image is made of. Otherwise the test is
 * skipped; with `CI=true` that is a failure.
 */
export function requireDocker(): { readonly missing: boolean } {
  if (requireTools('docker', 'busybox', 'tar').missing) return { missing: true };
  const { status } = spawnSync('docker', ['version'], { stdio: 'ignore' });
  if (status === 0) return { missing: false };
  const text = 'no Docker daemon answers';
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`skipping: ${text}\n`);
  return { missing: true };
}

/** Makes an image of nothing but busybox: no registry is asked. */
export async function importDockerImage(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-docker-image-'));
  try {
    const root = join(directory, 'root');
    await mkdir(join(root, 'bin'), { recursive: true });
    await cp('/bin/busybox', join(root, 'bin/busybox'));
    const { stdout } = await run('/bin/busybox', ['--list']);
    const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
    for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
    const archive = join(directory, 'root.tar');
    await run('tar', ['-C', root, '-cf', archive, '.']);
    await run('docker', ['import', archive, DOCKER_IMAGE]);
    return DOCKER_IMAGE;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
