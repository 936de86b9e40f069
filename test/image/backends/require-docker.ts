import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTools } from '../../support/site/require-tools.js';

const run = promisify(execFile);

const BUSYBOX = '/bin/busybox';

/**
 * What {@link importDockerImage} makes; named after its content, so that it is made once. `TURINGPI_DOCKER_IMAGE` names
 * another one that is there, such as the default of the backend.
 */
export const DOCKER_IMAGE =
  process.env['TURINGPI_DOCKER_IMAGE'] ?? `turingpi-test-busybox:${digestOf(BUSYBOX)}`;

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
  const known = await run('docker', ['image', 'inspect', DOCKER_IMAGE]).catch(() => undefined);
  if (known !== undefined) return DOCKER_IMAGE;
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-docker-image-'));
  try {
    const root = join(directory, 'root');
    await mkdir(join(root, 'bin'), { recursive: true });
    await cp(BUSYBOX, join(root, 'bin/busybox'));
    const { stdout } = await run(BUSYBOX, ['--list']);
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

function digestOf(file: string): string {
  if (!existsSync(file)) return 'none'; // then nothing is made either
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
}
