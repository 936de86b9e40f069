import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { BackendImageEngine, type ImageBackend, type ImageSession, UserspaceBackend } from '@turingpi/image';
import { DockerBackend } from '@turingpi/image-docker';
import { LoopBackend } from '@turingpi/image-loop';
import { describeFiles, type FileDescription } from '@turingpi/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { RK1 } from './backend-subject.js';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from './require-docker.js';
import { requireRoot } from './require-root.js';

const run = promisify(execFile);
const { signal } = new AbortController();
const tools = requireTools('xz', 'e2fsck', 'losetup', 'mount', 'umount').missing || requireRoot().missing;
const NEEDS_RECOVERY = 4;

const backends: [string, boolean, () => ImageBackend][] = [
  ['loop', tools, () => new LoopBackend()],
  ['docker', tools || requireDocker().missing, () => new DockerBackend({ image: DOCKER_IMAGE })],
];

let work: string;
let dirty: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'turingpi-mounted-'));
  if (!tools) dirty = await makeDirtyImage(work);
  if (!(tools || requireDocker().missing)) await importDockerImage();
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** An image as after a power cut: copied while it was mounted, with files only in its journal. */
async function makeDirtyImage(directory: string): Promise<string> {
  const image = join(directory, 'dirty.img');
  const mounted = join(directory, 'mounted.img');
  const { stdout } = await run('xz', ['-dc', RK1.image], { encoding: 'buffer', maxBuffer: 2 ** 28 });
  await writeFile(mounted, stdout);
  const mountPoint = await mkdtemp(join(directory, 'mnt-'));
  await run('mount', [
    '-t',
    'ext4',
    '-o',
    `loop,offset=${RK1.rootAt},sizelimit=${44 * 2 ** 20}`,
    mounted,
    mountPoint,
  ]);
  try {
    await using file = await open(join(mountPoint, 'etc/in-the-journal'), 'w');
    await file.writeFile('replayed');
    await file.sync();
    await writeFile(image, await readFile(mounted));
  } finally {
    await run('umount', [mountPoint]);
  }
  await using copy = await open(image);
  const flags = Buffer.alloc(4);
  await copy.read(flags, 0, 4, RK1.rootAt + 1024 + 96);
  expect(flags.readUInt32LE() & NEEDS_RECOVERY).toBe(NEEDS_RECOVERY); // or nothing is tested
  return image;
}

/** What is left on this computer of the work of a test. */
async function held(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(work));
  const devices = (await run('losetup', ['-a'])).stdout
    .split('\n')
    .filter((line) => line.includes('working-copy'));
  const files = (await readdir(join(work, 'cache'))).filter((name) => name.endsWith('.turingpi-tmp'));
  return [...mounts, ...devices.filter((line) => line.includes(work)), ...files];
}

async function edit(session: ImageSession): Promise<void> {
  const root = await session.files();
  const mtime = new Date('2024-05-06T07:08:09Z');
  await root.writeFile('/etc/hostname', 'node1\n');
  await root.writeFile('/new/deep/file', 'x', { mode: 0o640, uid: 1000, gid: 100, mtime });
  await root.writeFile('/stream', {
    stream: Readable.from([Buffer.alloc(2 ** 21, 'stream')]),
    size: 2 ** 21,
  });
  await root.appendFile('/etc/hostname', 'appended\n');
  await root.mkdir('/made', { mode: 0o2775, gid: 50 });
  await root.symlink('../share', '/bin/link');
  await root.fileSystem.link('/new/deep/file', '/new/hard');
  await root.rename('/new/deep', '/new/moved');
  await root.setAttributes('/usr', { mtime });
  await root.remove('/etc/os-release-not-there');
}

describe.each(backends)('%s', (id, missing, make) => {
  it.skipIf(missing)('ends as the userspace backend does, file by file', async () => {
    const ends: FileDescription[][] = [];
    for (const backend of [new UserspaceBackend(), make()]) {
      await using session = await backend.open(RK1.image, { signal, cacheDir: join(work, 'cache') }, 'test');
      await edit(session);
      const path = join(work, `${id}-${backend.id}.img.xz`);
      await session.save(path, { format: 'xz', signal });
      await using again = await new UserspaceBackend().open(
        path,
        { signal, cacheDir: join(work, 'cache') },
        'test',
      );
      ends.push(await describeFiles((await again.files()).fileSystem, '/', { attributes: true }));
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(await held()).toEqual([]);
  });

  it.skipIf(missing)('is chosen by auto for a journal that must be replayed, and says so', async () => {
    const engine = new BackendImageEngine([new UserspaceBackend(), make()]);
    const path = join(work, `${id}-recovered.img`);
    {
      await using session = await engine.open(dirty, { signal, cacheDir: join(work, 'cache') });
      expect(session.backend).toBe(id);
      expect(session.backendReason).toMatch(/journal/u);
      const root = await session.files();
      expect(await root.readText('/etc/in-the-journal')).toBe('replayed');
      await root.writeFile('/etc/hostname', 'recovered\n');
      await session.save(path, { format: 'raw', signal });
    }
    await run('e2fsck', ['-fn', `${path}?offset=${RK1.rootAt}`]);
    await using again = await engine.open(path, { signal, cacheDir: join(work, 'cache') });
    expect(again.backend).toBe('userspace');
    expect(await (await again.files()).readText('/etc/hostname')).toBe('recovered\n');
    expect(await held()).toEqual([]);
  });

  it.skipIf(missing)('lets go of everything when it is aborted or the image cannot be mounted', async () => {
    const controller = new AbortController();
    const session = await make().open(
      RK1.image,
      { signal: controller.signal, cacheDir: join(work, 'cache') },
      'test',
    );
    const root = await session.files();
    const endless = Readable.from(
      (function* () {
        yield Buffer.alloc(2 ** 20);
        controller.abort(new Error('stopped'));
        yield Buffer.alloc(2 ** 20);
      })(),
    );
    await expect(root.writeFile('/endless', { stream: endless, size: 2 ** 22 })).rejects.toThrow();
    await expect(root.readFile('/etc/hostname')).rejects.toThrow('stopped');
    await session[Symbol.asyncDispose]();
    expect(await held()).toEqual([]);

    const broken = join(work, `${id}-broken.img`);
    const bytes = await readFile(dirty);
    bytes.fill(0xee, RK1.rootAt + 4096, RK1.rootAt + 40 * 4096); // descriptors and what follows
    await writeFile(broken, bytes);
    await using opened = await make().open(broken, { signal, cacheDir: join(work, 'cache') }, 'test');
    await expect(opened.files(2)).rejects.toMatchObject({
      code: expect.stringMatching(/^IMAGE_FILESYSTEM_(CORRUPT|UNSUPPORTED)$/u) as string,
    });
    await opened[Symbol.asyncDispose]();
    expect(await held()).toEqual([]);
  });
});
