import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendImageEngine } from './backend-image-engine.js';
import type { ImageSession } from './image-engine.js';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const MIB = 1024 * 1024;
const FIXTURES = join(import.meta.dirname, '../../../virtual-node/base-images');
const RK1 = join(FIXTURES, 'rk1-ubuntu.img.xz');
const RPI = join(FIXTURES, 'rpi-debian.img.xz');
const missing = ['xz', 'e2fsck', 'debugfs', 'fsck.vfat'].filter(
  (name) => !PATH.split(':').some((directory) => existsSync(join(directory, name))),
);
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`needs ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('UserspaceImageSession', () => {
  const engine = new BackendImageEngine();
  const { signal } = new AbortController();
  let work: string;
  beforeAll(() => (work = mkdtempSync(join(tmpdir(), 'engine-'))));
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  const tool = (command: string, args: string[]) =>
    execFileSync(command, args, { env: { PATH, LC_ALL: 'C' }, stdio: 'pipe', maxBuffer: 200 * MIB });
  const open = (path: string) => engine.open(path, { signal, cacheDir: join(work, 'cache') });

  /** The edits of a typical node, on both partitions of the RK1 image. */
  async function customise(session: ImageSession): Promise<void> {
    const root = await session.files();
    await root.writeFile('/etc/hostname', 'node1\n');
    await root.writeFile('/etc/netplan/60-node.yaml', 'network: {version: 2}\n', { mode: 0o600 });
    await root.writeFile('/home/ubuntu/.ssh/authorized_keys', 'ssh-ed25519 AAAA\n', {
      mode: 0o600,
      uid: 1000,
      gid: 1000,
    });
    await root.writeFile('/bin/tool', Buffer.alloc(300_000, 'tool'), { mode: 0o4755 });
    const seed = await session.files('CIDATA');
    await seed.writeFile('/user-data', '#cloud-config\nhostname: node1\n');
  }

  function checkWithTools(raw: string): void {
    tool('e2fsck', ['-fn', `${raw}?offset=${20 * MIB}`]);
    writeFileSync(`${raw}.fat`, readFileSync(raw).subarray(16 * MIB, 20 * MIB));
    tool('fsck.vfat', ['-n', `${raw}.fat`]);
    const cat = (path: string) =>
      tool('debugfs', ['-R', `cat ${path}`, `${raw}?offset=${20 * MIB}`]).toString();
    const facts = (path: string) =>
      tool('debugfs', ['-R', `stat ${path}`, `${raw}?offset=${20 * MIB}`]).toString();
    expect(cat('/etc/hostname')).toBe('node1\n');
    expect(facts('/etc/netplan/60-node.yaml')).toMatch(/Mode: {2}0600/);
    expect(facts('/home/ubuntu/.ssh/authorized_keys')).toMatch(/User: {2}1000 {3}Group: {2}1000/);
    expect(facts('/usr/bin/tool')).toMatch(/Mode: {2}04755[^]*Size: 300000/);
  }

  it('edits both partitions and saves an .img.xz that every tool accepts', async () => {
    const before = createHash('sha256').update(readFileSync(RK1)).digest('hex');
    await using session = await open(RK1);
    expect(session).toMatchObject({ backend: 'userspace', rawSizeBytes: 65 * MIB });
    expect(session.backendReason).toMatch(/default/);
    expect(session.partitionTable).toMatchObject({
      scheme: 'gpt',
      partitions: [{ number: 1 }, { number: 2 }],
    });
    await customise(session);
    const saved = await session.save(join(work, 'node1.img.xz'), { format: 'xz', signal, rawDigest: true });
    expect(saved).toMatchObject({ format: 'xz', rawSizeBytes: 65 * MIB });
    expect((await stat(saved.path)).mode & 0o777).toBe(0o600);
    expect(await engine.digest(saved.path, signal)).toBe(saved.sha256);

    tool('xz', ['-t', saved.path]);
    const raw = join(work, 'node1.img');
    writeFileSync(raw, tool('xz', ['-dc', saved.path]));
    expect(await engine.digest(raw, signal)).toBe(saved.rawSha256);
    checkWithTools(raw);
    const base = tool('xz', ['-dc', RK1]);
    const made = readFileSync(raw);
    expect(made.subarray(0, 16 * MIB).equals(base.subarray(0, 16 * MIB))).toBe(true); // table and boot loader
    expect(made.subarray(64 * MIB).equals(base.subarray(64 * MIB))).toBe(true); // backup table
    expect(await engine.digest(RK1, signal)).toBe(before);
  });

  it('gives equal bytes for equal edits, as file, as raw file and as stream', async () => {
    const digests = new Set<string>();
    for (const name of ['first', 'second']) {
      await using session = await open(RK1);
      await customise(session);
      const saved = await session.save(join(work, `${name}.img`), { format: 'raw', signal });
      digests.add(saved.rawSha256 ?? '');
      const streamed = await session.stream('raw', signal);
      const bytes = await buffer(streamed.stream);
      expect(bytes.length).toBe(streamed.lengthBytes);
      digests.add(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(digests.size).toBe(1);
    checkWithTools(join(work, 'second.img'));
  });

  it('finds the root by content and partitions by label, number and identifier', async () => {
    await using rk1 = await open(RK1);
    expect((await rk1.files()).fileSystem.label).toBe('cloudimg-rootfs');
    expect(await rk1.files()).toBe(await rk1.files(2));
    expect(await rk1.files('5A9E4D3C-7F21-4E8B-B6A0-C4D2E1F00B03')).toBe(await rk1.files('cloudimg-rootfs'));
    expect(await rk1.files('root')).toBe(await rk1.files());
    await expect(rk1.files('bootfs')).rejects.toMatchObject({ code: 'IMAGE_NO_PARTITION' });
    await expect(rk1.files('primary')).rejects.toMatchObject({ code: 'IMAGE_NO_PARTITION' }); // both have this name

    await using rpi = await open(RPI);
    expect(rpi.partitionTable).toMatchObject({ scheme: 'mbr', diskId: '3c5d9e27' });
    expect(await (await rpi.files()).readText('/etc/os-release')).toContain('ID=debian');
    expect(await rpi.files('3c5d9e27-02')).toBe(await rpi.files());
    expect(await (await rpi.files('bootfs')).readText('/cmdline.txt')).toContain('root=PARTUUID=3c5d9e27-02');
  });

  it('streams a finished image as it lies there', async () => {
    const opened = await engine.stream(RPI, 'xz', { signal });
    const bytes = await buffer(opened.stream);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(opened.sha256);
    const copy = join(work, 'streamed.img.xz');
    writeFileSync(copy, bytes);
    expect(tool('xz', ['-dc', copy]).equals(tool('xz', ['-dc', RPI]))).toBe(true);
  });

  it('names what is wrong with images and partitions by code', async () => {
    const raw = join(work, 'damaged.img');
    const make = (edit: (bytes: Buffer) => void) => {
      const bytes = tool('xz', ['-dc', RK1]);
      edit(bytes);
      writeFileSync(raw, bytes);
      return open(raw);
    };
    await expect(open(join(work, 'nothing.img'))).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await expect(make((bytes) => bytes.fill('no image'))).rejects.toMatchObject({
      code: 'IMAGE_NOT_AN_IMAGE',
      message: expect.stringContaining(raw) as string,
    });
    writeFileSync(raw, tool('xz', ['-dc', RK1]));
    truncateSync(raw, 30 * MIB);
    await expect(open(raw)).rejects.toMatchObject({ code: 'IMAGE_PARTITION_TABLE' });

    await using noRoot = await make((bytes) => bytes.fill(0, 20 * MIB + 1024, 20 * MIB + 2048));
    await expect(noRoot.files()).rejects.toMatchObject({ code: 'IMAGE_NO_ROOT' });
    await using dirty = await make((bytes) => {
      const at = 20 * MIB + 1024 + 96;
      bytes.writeUInt32LE(bytes.readUInt32LE(at) | 4, at); // needs_recovery, with a stale checksum
    });
    await expect(dirty.files()).rejects.toMatchObject({
      code: expect.stringMatching(/^IMAGE_FILESYSTEM_(DIRTY|CORRUPT|UNSUPPORTED)$/) as string,
    });
    await expect(engine.open(RK1, { signal, cacheDir: work, backend: 'loop' })).rejects.toMatchObject({
      code: 'IMAGE_NO_BACKEND',
    });
  });

  it('saves nothing when the image is full or the work is aborted', async () => {
    await using session = await open(RK1);
    const root = await session.files();
    await expect(root.writeFile('/huge', Buffer.alloc(48 * MIB))).rejects.toMatchObject({
      code: 'IMAGE_NO_SPACE',
    });
    await root.writeFile('/etc/hostname', 'still fine\n');
    const controller = new AbortController();
    controller.abort(new Error('stopped'));
    const target = join(work, 'never.img.xz');
    await expect(session.save(target, { format: 'xz', signal: controller.signal })).rejects.toThrow(
      'stopped',
    );
    expect(existsSync(target)).toBe(false);
  });
});
