import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageModifier } from './image-modifier.js';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BackendImageEngine } from '../engine/backend-image-engine.js';
import type { ImageSession } from '../engine/image-engine.js';
import { applyRecording } from './apply-recording.js';
import { recordImageModifications } from './record-image-modifications.js';

const BASE_IMAGES = join(import.meta.dirname, '../../../virtual-node/base-images');
const { signal } = new AbortController();

describe('recordImageModifications', () => {
  let work: string;
  let base: string;
  let session: ImageSession;
  const engine = new BackendImageEngine();
  const open = () => engine.open(base, { signal, cacheDir: join(work, 'cache') });
  const local = (name: string) => join(work, 'local', name);
  const record = (callback: (image: ImageModifier) => Promise<void>) =>
    recordImageModifications(callback, session);
  const digestOf = async (callback: (image: ImageModifier) => Promise<void>) =>
    (await record(callback)).digest;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'modifier-'));
    // Raw, so that every session is cheap.
    await using packed = await engine.open(join(BASE_IMAGES, 'rk1-ubuntu.img.xz'), {
      signal,
      cacheDir: work,
    });
    base = (await packed.save(join(work, 'base.img'), { format: 'raw', signal })).path;
    session = await open();
    mkdirSync(local('tree/sub'), { recursive: true });
    writeFileSync(local('tree/a.txt'), 'a');
    writeFileSync(local('tree/sub/tool'), '#!/bin/sh\n');
    chmodSync(local('tree/sub/tool'), 0o755);
    chmodSync(local('tree/sub'), 0o750);
    symlinkSync('sub/tool', local('tree/link'));
    writeFileSync(local('template'), 'host={{ host }} port={{port}}\n');
  });
  beforeEach(() => {
    writeFileSync(local('binary'), Buffer.alloc(700_000, 'b'));
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    rmSync(work, { recursive: true, force: true });
  });

  /** A callback that uses everything. */
  const everything = async (image: ImageModifier) => {
    await image.writeFile('/etc/my_app/config', 'data', { mode: 0o640, uid: 1000, gid: 100 });
    await image.appendFile('/etc/hosts', '10.0.0.1 one\n');
    await image.copyLocalFile(local('binary'), '/bin/app', { mode: 0o755 });
    await image.copyLocalDirectory(local('tree'), '/opt/tree', { uid: 1000, gid: 1000 });
    await image.writeTemplate(local('template'), '/etc/app.conf', { host: 'node1', port: 80 });
    await image.mkdir('/var/lib/app/data', { mode: 0o700 });
    await image.chmod('/etc/hostname', 0o600);
    await image.chown('/etc/hostname', 7, 8);
    await image.symlink('/opt/tree/sub/tool', '/usr/local/bin/tool');
    await image.rename('/etc/timezone', '/etc/timezone.old');
    await image.remove('/etc/cloud');
    await image.partition('CIDATA').writeFile('/user-data', '#cloud-config\n');
  };

  it('changes nothing while it records, and answers from what was recorded', async () => {
    const files = await session.files();
    await record(async (image) => {
      await everything(image);
      expect((await image.readFile('/etc/hosts')).toString()).toMatch(/^127\.0\.0\.1[^]*10\.0\.0\.1 one\n$/);
      expect(await image.stat('/usr/bin/app')).toMatchObject({ type: 'file', mode: 0o755, size: 700_000 });
      expect((await image.readFile('/bin/app')).equals(readFileSync(local('binary')))).toBe(true);
      expect(await image.stat('/etc/hostname')).toMatchObject({ mode: 0o600, uid: 7, gid: 8 });
      expect(await image.list('/opt/tree')).toEqual(['a.txt', 'link', 'sub']);
      expect((await image.readFile('/usr/local/bin/tool')).toString()).toBe('#!/bin/sh\n');
      expect((await image.readFile('/etc/app.conf')).toString()).toBe('host=node1 port=80\n');
      expect(await image.exists('/etc/cloud')).toBe(false);
      expect(await image.exists('/etc/timezone')).toBe(false);
      expect(await image.list('/etc')).toContain('timezone.old');
      expect((await image.partition(1).readFile('/user-data')).toString()).toBe('#cloud-config\n');
      await expect(image.readFile('/etc/cloud/cloud.cfg')).rejects.toMatchObject({
        code: 'IMAGE_PATH_NOT_FOUND',
      });
    });
    expect(await files.exists('/etc/my_app')).toBe(false);
    expect(await files.exists('/etc/cloud/cloud.cfg')).toBe(true);
  });

  it('is applied to an image as it was recorded', async () => {
    const recording = await record(everything);
    await using target = await open();
    const steps: number[] = [];
    await applyRecording(recording, target, { signal, progress: ({ done }) => steps.push(done ?? -1) });
    expect(steps.at(-1)).toBe(recording.operations.length);
    const files = await target.files();
    expect(await files.stat('/etc/my_app/config')).toMatchObject({
      mode: 0o640,
      uid: 1000,
      gid: 100,
      size: 4,
    });
    expect((await files.readFile('/usr/bin/app')).equals(readFileSync(local('binary')))).toBe(true);
    expect(await files.stat('/usr/bin/app')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
    expect(await files.stat('/opt/tree/sub')).toMatchObject({ type: 'directory', mode: 0o750, uid: 1000 });
    expect(await files.stat('/opt/tree/sub/tool')).toMatchObject({ mode: 0o755, uid: 1000 });
    expect(await files.readLink('/opt/tree/link')).toBe('sub/tool');
    expect(await files.stat('/var/lib/app/data')).toMatchObject({ mode: 0o700 });
    expect(await files.stat('/etc/hostname')).toMatchObject({ mode: 0o600, uid: 7, gid: 8 });
    expect(await files.readText('/etc/timezone.old')).toBe('Etc/UTC\n');
    expect(await files.exists('/etc/cloud')).toBe(false);
    expect(await (await target.files('CIDATA')).readText('/user-data')).toBe('#cloud-config\n');
    await target.save(join(work, 'applied.img'), { format: 'raw', signal }); // with the self-checks
  });

  it('has a digest of the effect: order and way do not matter, every byte and attribute does', async () => {
    const plain = await digestOf(async (image) => {
      await image.writeFile('/etc/one', 'one');
      await image.writeFile('/etc/two', 'two');
    });
    const equal: ((image: ImageModifier) => Promise<void>)[] = [
      async (image) => {
        await image.writeFile('/etc/two', Buffer.from('two'), { mode: 0o644, uid: 0 });
        await image.writeFile('/etc/one', 'o');
        await image.appendFile('/etc/one', 'ne');
      },
      async (image) => {
        await image.writeFile('/etc/zero', 'one');
        await image.rename('/etc/zero', '/etc/one');
        await image.mkdir('/etc/gone/deep');
        await image.remove('/etc/gone');
        await image.writeFile('/etc/two', 'not yet');
        await image.writeFile('/etc/two', 'two');
        await image.readFile('/etc/hostname');
      },
      async (image) => {
        writeFileSync(local('one'), 'one');
        chmodSync(local('one'), 0o644);
        await Promise.all([
          image.copyLocalFile(local('one'), '/etc/one'),
          image.writeFile('/etc/two', 'two'),
        ]);
      },
    ];
    for (const callback of equal) expect(await digestOf(callback)).toBe(plain);

    const different: ((image: ImageModifier) => Promise<void>)[] = [
      () => Promise.resolve(),
      (image) => image.writeFile('/etc/one', 'one'),
      (image) => image.partition(1).writeFile('/one', 'one'),
      (image) => image.writeFile('/etc/one', 'onE'),
      (image) => image.writeFile('/etc/one', 'one', { mode: 0o600 }),
      (image) => image.writeFile('/etc/one', 'one', { mtime: new Date(0) }),
      (image) => image.symlink('two', '/etc/one'),
      (image) => image.remove('/etc/hostname'),
      (image) => image.chmod('/etc/hostname', 0o600),
      (image) => image.rename('/etc/hostname', '/etc/hostname2'),
      (image) => image.copyLocalFile(local('binary'), '/usr/bin/app'),
    ];
    const digests = new Set([plain]);
    for (const callback of different) digests.add(await digestOf(callback));
    writeFileSync(local('binary'), Buffer.concat([Buffer.alloc(699_999, 'b'), Buffer.from('B')]));
    digests.add(await digestOf((image) => image.copyLocalFile(local('binary'), '/usr/bin/app')));
    expect(digests.size).toBe(different.length + 2);
  });

  it('has the same digest for independent operations in any order', async () => {
    const operations: ((image: ImageModifier) => Promise<void>)[] = [
      (image) => image.writeFile('/etc/new/a', 'a'),
      (image) => image.writeFile('/etc/new/b', 'b', { mode: 0o600 }),
      (image) => image.mkdir('/srv/data'),
      (image) => image.remove('/etc/timezone'),
      (image) => image.symlink('/etc/new/a', '/etc/link'),
      (image) => image.chmod('/etc/hosts', 0o640),
      (image) => image.partition('CIDATA').writeFile('/extra', 'x'),
    ];
    const run = (order: readonly ((image: ImageModifier) => Promise<void>)[]) =>
      digestOf(async (image) => {
        for (const operation of order) await operation(image);
      });
    const expected = await run(operations);
    const shuffled = fc.shuffledSubarray(operations, { minLength: operations.length });
    await fc.assert(
      fc.asyncProperty(shuffled, async (order) => {
        expect(await run(order)).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('has the same digest however a partition is named, and in whatever order', async () => {
    const digests = new Set<string>();
    for (const [one, two] of [
      ['CIDATA', 'CIDATA'],
      [1, 1],
      ['CIDATA', 1],
      [1, 'CIDATA'],
    ] as const)
      digests.add(
        await digestOf(async (image) => {
          await image.partition(one).writeFile('/one', '1');
          await image.partition(two).writeFile('/two', '2');
        }),
      );
    expect(digests.size).toBe(1);
    digests.add(await digestOf((image) => image.writeFile('/one', '1')));
    digests.add(await digestOf((image) => image.partition(2).writeFile('/one', '1')));
    expect(digests.size).toBe(2); // the root is the second partition
  });

  it('names call and path of every mistake, before the image is touched', async () => {
    const mistakes: [string, (image: ImageModifier) => Promise<unknown>, string][] = [
      ['IMAGE_PATH_INVALID', (image) => image.writeFile('etc/x', ''), 'writeFile("etc/x")'],
      ['IMAGE_PATH_INVALID', (image) => image.writeFile('/etc/../x', ''), 'writeFile("/etc/../x")'],
      ['IMAGE_PATH_INVALID', (image) => image.remove('/'), 'remove("/")'],
      ['IMAGE_NAME_TOO_LONG', (image) => image.mkdir(`/${'n'.repeat(256)}`), 'mkdir('],
      ['IMAGE_SOURCE_NOT_FOUND', (image) => image.copyLocalFile(local('no'), '/x'), 'copyLocalFile("/x")'],
      ['IMAGE_SOURCE_UNREADABLE', (image) => image.copyLocalFile(local('tree'), '/x'), 'copyLocalFile("/x")'],
      [
        'IMAGE_SOURCE_UNREADABLE',
        (image) => image.copyLocalDirectory(local('binary'), '/x'),
        'copyLocalDirectory(',
      ],
      ['IMAGE_IS_A_DIRECTORY', (image) => image.writeFile('/etc', ''), 'writeFile("/etc")'],
      [
        'IMAGE_IS_A_DIRECTORY',
        (image) => image.copyLocalFile(local('binary'), '/etc'),
        'copyLocalFile("/etc")',
      ],
      ['IMAGE_NOT_A_DIRECTORY', (image) => image.writeFile('/etc/hostname/x', ''), 'writeFile('],
      ['IMAGE_PATH_NOT_FOUND', (image) => image.chmod('/nothing', 0o600), 'chmod("/nothing")'],
      ['IMAGE_PATH_NOT_FOUND', (image) => image.rename('/nothing', '/x'), 'rename("/nothing", "/x")'],
      ['IMAGE_OPERATION_UNSUPPORTED', (image) => image.chmod('/etc/hosts', 0o10000), 'chmod('],
      ['IMAGE_OPERATION_UNSUPPORTED', (image) => image.chown('/etc/hosts', -1, 0), 'chown('],
      [
        'IMAGE_TEMPLATE_VALUE',
        (image) => image.writeTemplate(local('template'), '/x', { host: 'a' }),
        'writeTemplate(',
      ],
      ['IMAGE_PATH_INVALID', (image) => image.partition('CIDATA').writeFile('/a:b', ''), 'writeFile("/a:b")'],
      [
        'IMAGE_OPERATION_UNSUPPORTED',
        (image) => image.partition('CIDATA').symlink('a', '/b'),
        'symlink("/b")',
      ],
      // What only code without types can give.
      ['IMAGE_PATH_INVALID', (image) => image.mkdir(undefined as never), 'mkdir('],
      ['IMAGE_OPERATION_UNSUPPORTED', (image) => image.writeFile('/x', 7 as never), 'writeFile("/x")'],
      ['IMAGE_OPERATION_UNSUPPORTED', (image) => image.appendFile('/x', null as never), 'appendFile("/x")'],
      ['IMAGE_SOURCE_NOT_FOUND', (image) => image.copyLocalFile('', '/x'), 'copyLocalFile("/x")'],
      [
        'IMAGE_SOURCE_NOT_FOUND',
        (image) => image.copyLocalDirectory(undefined as never, '/x'),
        'copyLocalDirectory(',
      ],
      ['IMAGE_PATH_INVALID', (image) => image.symlink(undefined as never, '/x'), 'symlink("/x")'],
      [
        'IMAGE_OPERATION_UNSUPPORTED',
        (image) => image.writeFile('/x', '', { mtime: 'now' as never }),
        'writeFile("/x")',
      ],
      ['IMAGE_NO_PARTITION', (image) => image.partition('bootfs').writeFile('/x', ''), 'writeFile("/x")'],
    ];
    for (const [code, mistake, text] of mistakes) {
      const attempt = record(async (image) => {
        await mistake(image);
      });
      await expect(attempt, text).rejects.toMatchObject({
        code,
        message: expect.stringContaining(text) as string,
      });
    }
  });

  it('loses nothing to a mistake that the callback catches', async () => {
    const recording = await record(async (image) => {
      const seed = image.partition('CIDATA');
      for (const to of ['/a:b', '/user-data/x'])
        await expect(seed.rename('/user-data', to)).rejects.toMatchObject({
          message: expect.stringContaining('rename("/user-data"') as string,
        });
      expect(await seed.exists('/user-data')).toBe(true);
    });
    expect(recording).toMatchObject({
      operations: [],
      digest: (await record(() => Promise.resolve())).digest,
    });
  });

  it('refuses a file that changed after it was recorded', async () => {
    const recording = await record((image) => image.copyLocalFile(local('binary'), '/usr/bin/app'));
    for (const changed of [Buffer.alloc(700_000, 'c'), Buffer.alloc(10), Buffer.alloc(800_000, 'b')]) {
      writeFileSync(local('binary'), changed);
      await using target = await open();
      await expect(applyRecording(recording, target, { signal })).rejects.toMatchObject({
        code: 'IMAGE_SOURCE_CHANGED',
      });
    }
  });

  it('takes no calls after the callback, and waits for those that were not awaited', async () => {
    let kept: ImageModifier | undefined;
    const recording = await record((image) => {
      kept = image;
      void image.writeFile('/etc/not-awaited', 'x');
      return Promise.resolve();
    });
    expect(recording.operations).toHaveLength(1);
    await expect(kept?.writeFile('/etc/late', 'x')).rejects.toMatchObject({
      code: 'IMAGE_OPERATION_UNSUPPORTED',
    });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(
      recordImageModifications((image) => image.writeFile('/x', ''), session, { signal: stopped }),
    ).rejects.toThrow('stopped');
  });

  it('works without an image, over an empty one', async () => {
    const recording = await recordImageModifications(async (image) => {
      await image.writeFile('/etc/x', 'x');
      expect(await image.list('/etc')).toEqual(['x']);
      expect(await image.exists('/etc/hostname')).toBe(false);
    });
    expect(recording).toMatchObject({
      contentBytes: 1,
      operations: [{ call: 'writeFile', partition: 'root' }],
    });
  });
});
