import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ImageFiles } from '@turingpi/image';
import type { ConformanceCase } from '../conformance-case.js';
import { type ImageBackendSubject, type OpenedSubject, withSession } from './image-backend-subject.js';

const TIME = new Date('2023-05-06T07:08:09Z');
const LATER = new Date('2031-12-31T23:59:59Z');
const LARGE_BYTES = 3 * 1024 * 1024 + 17;
const AWKWARD_NAMES = [
  'with space',
  "it's",
  'double"quote',
  'new\nline',
  'ends with newline\n',
  '-rf',
  '$HOME `id` $(id)',
  '*',
  'back\\slash\\n',
  'grüße-日本-Áàè',
  'n'.repeat(255),
];

/**
 * What every image backend must do, as one sees it through its sessions.
 *
 * @remarks Use with any runner: `for (const { name, run } of imageBackendCases(subject)) it(name, run);`
 */
export function imageBackendCases(subject: ImageBackendSubject): ConformanceCase[] {
  const within = (name: string, use: (opened: OpenedSubject) => Promise<void>): ConformanceCase => ({
    name,
    run: () => withSession(subject, use),
  });
  const onRoot = (name: string, use: (root: ImageFiles) => Promise<void>): ConformanceCase =>
    within(name, ({ root }) => use(root));
  return [
    within('says what it is', async ({ session, root }) => {
      assert.equal(session.backend, subject.backend.id);
      assert.ok(session.backendReason.length > 0);
      assert.ok(session.partitionTable.partitions.length > 1);
      const usage = await root.fileSystem.usage();
      assert.ok(usage.freeBytes > 0 && usage.freeBytes < usage.totalBytes);
      assert.ok((usage.freeInodes ?? 0) > 0);
    }),
    onRoot('gives new files and directories to root, 0644 and 0755', async (root) => {
      await root.writeFile('/made/by/us', 'content');
      assert.equal(await root.readText('/made/by/us'), 'content');
      await expectStat(root, '/made/by/us', { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 7, links: 1 });
      await expectStat(root, '/made/by', { type: 'directory', mode: 0o755, uid: 0, gid: 0, links: 2 });
    }),
    onRoot('applies mode, owner and time, also large ones', async (root) => {
      const attributes = { mode: 0o4751, uid: 100_000, gid: 4_000_000_000, mtime: TIME };
      await root.writeFile('/attributes', 'x', attributes);
      await expectStat(root, '/attributes', attributes);
      await root.setAttributes('/attributes', { uid: 1000, mtime: LATER });
      await expectStat(root, '/attributes', { mode: 0o4751, uid: 1000, gid: 4_000_000_000, mtime: LATER });
      await root.mkdir('/sticky', { mode: 0o1777, gid: 5, mtime: TIME });
      await expectStat(root, '/sticky', { mode: 0o1777, uid: 0, gid: 5, mtime: TIME });
    }),
    onRoot('keeps inode, owner, mode and names of a file that is overwritten', async (root) => {
      await root.writeFile('/kept', 'a longer first content', { mode: 0o2640, uid: 7, gid: 8 });
      await root.fileSystem.link('/kept', '/kept-too');
      const { inode } = await root.stat('/kept');
      await root.writeFile('/kept', 'short');
      await expectStat(root, '/kept', { inode, mode: 0o2640, uid: 7, gid: 8, size: 5, links: 2 });
      assert.equal(await root.readText('/kept-too'), 'short');
      await root.remove('/kept');
      await expectStat(root, '/kept-too', { inode, links: 1 });
    }),
    onRoot('appends, and makes what it appends to', async (root) => {
      await root.appendFile('/log', 'one\n');
      await root.appendFile('/log', Buffer.from('two\n'));
      await root.appendFile('/log', {
        stream: Readable.from([Buffer.from('th'), Buffer.from('ree\n')]),
        size: 6,
      });
      assert.equal(await root.readText('/log'), 'one\ntwo\nthree\n');
    }),
    onRoot('stores empty, binary and large content unchanged', async (root) => {
      const large = Buffer.alloc(LARGE_BYTES, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));
      const pieces = [large.subarray(0, 1_000_003), large.subarray(1_000_003)];
      await root.writeFile('/large', { stream: Readable.from(pieces), size: large.length });
      assert.ok((await root.readFile('/large')).equals(large));
      assert.ok((await buffer(root.fileSystem.readStream('/large'))).equals(large));
      await root.writeFile('/empty', '');
      assert.equal((await root.stat('/empty')).size, 0);
      await root.writeFile('/large', Buffer.of(0, 10, 13, 26, 255));
      assert.deepEqual([...(await root.readFile('/large'))], [0, 10, 13, 26, 255]);
      await rejects(root.readFile('/large', { maxBytes: 4 }), 'IMAGE_TOO_LARGE');
    }),
    onRoot('refuses streams that are longer or shorter than announced', async (root) => {
      const short = { stream: Readable.from([Buffer.from('abc')]), size: 4 };
      await rejects(root.writeFile('/wrong', short), 'IMAGE_SOURCE_UNREADABLE');
      const long = { stream: Readable.from([Buffer.from('abcde')]), size: 4 };
      await rejects(root.writeFile('/wrong', long), 'IMAGE_SOURCE_UNREADABLE');
      assert.equal(await root.exists('/wrong'), false);
    }),
    onRoot('knows every name that ext4 knows', async (root) => {
      for (const name of AWKWARD_NAMES) await root.writeFile(`/names/${name}`, name);
      const listed = (await root.list('/names'))
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('.'));
      assert.deepEqual(listed.sort(), [...AWKWARD_NAMES].sort());
      for (const name of AWKWARD_NAMES) {
        assert.equal(await root.readText(`/names/${name}`), name);
        await root.rename(`/names/${name}`, '/names/moved');
        await root.symlink(name, `/names/${name}`);
        assert.equal(await root.readLink(`/names/${name}`), name);
        await root.remove(`/names/${name}`);
        await root.remove('/names/moved');
      }
      assert.deepEqual(await root.list('/names'), []);
    }),
    onRoot('follows links as the node would', async (root) => {
      await root.writeFile('/bin/tool', 'tool', { mode: 0o755 });
      assert.equal(await root.realPath('/bin/tool'), '/usr/bin/tool');
      assert.equal((await root.lstat('/bin'))?.type, 'symlink');
      await root.symlink('/usr/share/target', '/etc/absolute');
      await root.writeFile('/usr/share/target', 'one');
      assert.equal(await root.readText('/etc/absolute'), 'one');
      await root.writeFile('/etc/absolute', 'two');
      assert.equal(await root.readText('/usr/share/target'), 'two');
      await root.symlink('../made-through-a-link', '/etc/dangling');
      await root.writeFile('/etc/dangling', 'three');
      assert.equal(await root.readText('/made-through-a-link'), 'three');
      await root.symlink('loop-b', '/etc/loop-a');
      await root.symlink('loop-a', '/etc/loop-b');
      await rejects(root.readFile('/etc/loop-a'), 'IMAGE_SYMLINK_LOOP');
      await root.setAttributes('/etc/absolute', { mode: 0o600 });
      await expectStat(root, '/usr/share/target', { mode: 0o600 });
    }),
    onRoot('changes a link itself when asked for that', async (root) => {
      await root.fileSystem.symlink('/nowhere', '/link', { uid: 12, gid: 13, mtime: TIME });
      const stat = await root.lstat('/link');
      assert.deepEqual([stat?.type, stat?.uid, stat?.gid, stat?.size], ['symlink', 12, 13, 8]);
      assertTime(stat?.mtime, TIME);
      await root.fileSystem.setAttributes('/link', { uid: 14, mode: 0o600 });
      assert.equal((await root.lstat('/link'))?.uid, 14);
      assert.equal(await root.readLink('/link'), '/nowhere');
    }),
    onRoot('never goes through a link by real paths', async (root) => {
      const { fileSystem } = root;
      await fileSystem.mkdir('/real');
      await fileSystem.symlink('/real', '/link');
      await rejects(fileSystem.writeFile('/link/x', Buffer.of(1)), 'IMAGE_NOT_A_DIRECTORY');
      await rejects(fileSystem.mkdir('/link/x'), 'IMAGE_NOT_A_DIRECTORY');
      await rejects(fileSystem.list('/link'), 'IMAGE_NOT_A_DIRECTORY');
      await rejects(fileSystem.writeFile('/link', Buffer.of(1)), 'IMAGE_OPERATION_UNSUPPORTED');
      await rejects(fileSystem.readFile('/link'), 'IMAGE_OPERATION_UNSUPPORTED');
      await rejects(fileSystem.writeFile('/real/../x', Buffer.of(1)), 'IMAGE_PATH_INVALID');
      assert.deepEqual(await fileSystem.list('/real'), []);
    }),
    onRoot('renames as POSIX does', async (root) => {
      await root.writeFile('/r/a', 'a');
      await root.writeFile('/r/b', 'b');
      await root.rename('/r/a', '/r/b');
      assert.equal(await root.readText('/r/b'), 'a');
      await root.mkdir('/r/empty');
      await root.writeFile('/r/dir/inside', 'i');
      await root.rename('/r/dir', '/r/empty');
      assert.equal(await root.readText('/r/empty/inside'), 'i');
      await rejects(root.rename('/r/empty', '/r/empty/below'), 'IMAGE_PATH_INVALID');
      await rejects(root.rename('/r/b', '/r/empty'), 'IMAGE_IS_A_DIRECTORY');
      await rejects(root.rename('/r/empty', '/r/b'), 'IMAGE_NOT_A_DIRECTORY');
      await root.writeFile('/r/full/x', 'x');
      await rejects(root.rename('/r/empty', '/r/full'), 'IMAGE_DIRECTORY_NOT_EMPTY');
      await rejects(root.rename('/r/none', '/r/c'), 'IMAGE_PATH_NOT_FOUND');
      await rejects(root.fileSystem.rename('/r/none', '/r/c'), 'IMAGE_PATH_NOT_FOUND');
    }),
    onRoot('removes trees, links and nothing behind them', async (root) => {
      await root.writeFile('/tree/a/b/c', 'c');
      await root.writeFile('/outside/kept', 'kept');
      await root.symlink('/outside', '/tree/link');
      await rejects(root.fileSystem.remove('/tree'), 'IMAGE_DIRECTORY_NOT_EMPTY');
      await root.remove('/tree');
      assert.equal(await root.exists('/tree'), false);
      assert.equal(await root.readText('/outside/kept'), 'kept');
      await root.remove('/tree'); // gone already is fine
      await rejects(root.fileSystem.remove('/tree'), 'IMAGE_PATH_NOT_FOUND');
    }),
    onRoot('names by code what cannot be done', async (root) => {
      const { fileSystem } = root;
      await root.writeFile('/file', 'f');
      await root.mkdir('/dir');
      await rejects(root.readFile('/missing'), 'IMAGE_PATH_NOT_FOUND');
      await rejects(fileSystem.writeFile('/missing/file', Buffer.of(1)), 'IMAGE_PATH_NOT_FOUND');
      await rejects(fileSystem.appendFile('/missing', Buffer.of(1)), 'IMAGE_PATH_NOT_FOUND');
      await rejects(root.writeFile('/dir', 'x'), 'IMAGE_IS_A_DIRECTORY');
      await rejects(root.readFile('/dir'), 'IMAGE_IS_A_DIRECTORY');
      await rejects(root.list('/file'), 'IMAGE_NOT_A_DIRECTORY');
      await rejects(root.writeFile('/file/below', 'x'), 'IMAGE_NOT_A_DIRECTORY');
      await rejects(fileSystem.mkdir('/dir'), 'IMAGE_PATH_EXISTS');
      await rejects(fileSystem.symlink('x', '/file'), 'IMAGE_PATH_EXISTS');
      await rejects(fileSystem.link('/file', '/dir'), 'IMAGE_PATH_EXISTS');
      await rejects(fileSystem.link('/dir', '/new'), 'IMAGE_IS_A_DIRECTORY');
      await rejects(fileSystem.link('/missing', '/new'), 'IMAGE_PATH_NOT_FOUND');
      await rejects(fileSystem.readLink('/file'), 'IMAGE_OPERATION_UNSUPPORTED');
      await rejects(fileSystem.setAttributes('/missing', { mode: 0 }), 'IMAGE_PATH_NOT_FOUND');
      await rejects(root.writeFile(`/${'n'.repeat(256)}`, 'x'), 'IMAGE_NAME_TOO_LONG');
      await rejects(root.writeFile('relative', 'x'), 'IMAGE_PATH_INVALID');
      assert.equal(await fileSystem.lstat('/missing/below'), undefined);
    }),
    onRoot('goes on after the image was full', async (root) => {
      const { freeBytes } = await root.fileSystem.usage();
      const tooMuch = Buffer.alloc(freeBytes + 8 * 1024 * 1024, 1);
      await rejects(root.writeFile('/too-much', tooMuch), 'IMAGE_NO_SPACE');
      assert.equal(await root.exists('/too-much'), false);
      await root.writeFile('/fits', 'fits');
      assert.equal(await root.readText('/fits'), 'fits');
    }),
    within('reads extended attributes', async ({ root }) => {
      assert.ok((await root.fileSystem.readExtendedAttributes('/etc')) instanceof Map);
      await root.writeFile('/after', 'x');
      assert.equal(await root.readText('/after'), 'x');
    }),
    within(
      'edits FAT partitions and saves all partitions, checked',
      async ({ session, root, directory, signal }) => {
        const fat = await session.files(subject.fatPartition);
        await fat.writeFile('/user-data', '#cloud-config\n');
        await root.writeFile('/etc/hostname', 'node1\n');
        const path = `${directory}/saved.img`;
        const saved = await session.save(path, { format: 'raw', signal });
        assert.deepEqual([saved.path, saved.sizeBytes], [path, session.rawSizeBytes]);
        await subject.checkRawImage(path);
        await root.writeFile('/etc/hostname', 'node2\n'); // a session goes on after it was saved
        await withSession({ ...subject, image: path }, async (again) => {
          assert.equal(await again.root.readText('/etc/hostname'), 'node1\n');
          const fatAgain = await again.session.files(subject.fatPartition);
          assert.equal(await fatAgain.readText('/user-data'), '#cloud-config\n');
        });
      },
    ),
  ];
}

async function expectStat(root: ImageFiles, path: string, expected: object): Promise<void> {
  const stat = await root.stat(path);
  for (const [key, value] of Object.entries(expected) as [keyof typeof stat, unknown][]) {
    if (value instanceof Date) assertTime(stat[key] as Date, value);
    else assert.equal(stat[key], value, `${key} of ${path}`);
  }
}

function assertTime(actual: Date | undefined, expected: Date): void {
  const difference = Math.abs((actual?.getTime() ?? Infinity) - expected.getTime());
  assert.ok(difference < 1000, `${String(actual)} is not ${expected.toISOString()}`);
}

async function rejects(operation: Promise<unknown>, code: string): Promise<void> {
  const error = await operation.then(
    () => assert.fail(`${code} was expected, and it succeeded`),
    (thrown: unknown) => thrown as { readonly code?: string; readonly message?: string },
  );
  assert.equal(error.code, code, error.message);
}
