import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageFiles } from '@turingpi/image';
import type { ConformanceCase } from '../conformance-case.js';
import { type ImageBackendSubject, withSession } from './image-backend-subject.js';

const SECRET = 'what the host keeps to itself';

/** A directory of the host that an image's links point to, and that must neither be read nor changed. */
interface Canary {
  readonly directory: string;
  readonly secret: string;
}

/**
 * Images full of hostile links: no backend may read or write a byte of the host through one, and what is legitimate must
 * work as on the node.
 */
export function imageEscapeCases(subject: ImageBackendSubject): ConformanceCase[] {
  const hostile = (
    name: string,
    use: (root: ImageFiles, canary: Canary) => Promise<void>,
  ): ConformanceCase => ({
    name,
    run: () => withCanary((canary) => withSession(subject, ({ root }) => use(root, canary))),
  });
  return [
    hostile('absolute links to the host mean the image', async (root, { directory, secret }) => {
      await root.symlink(secret, '/to-file');
      await root.symlink(directory, '/to-directory');
      assert.equal(await root.exists('/to-file'), false);
      await fails(root.readFile('/to-file'));
      await fails(root.writeFile('/to-file', 'overwritten')); // its directory does not exist in the image
      await fails(root.list('/to-directory'));
      await fails(root.writeFile('/to-directory/planted', 'x'));
      await root.remove('/to-file');
      assert.equal(await root.lstat('/to-file'), undefined);
    }),
    hostile('links upwards stop at the root of the image', async (root, { directory, secret }) => {
      const up = '../'.repeat(40);
      await root.symlink(`${up}${secret}`, '/etc/up');
      await root.symlink(`${up}${directory}`, '/etc/up-directory');
      await fails(root.readFile('/etc/up'));
      await fails(root.appendFile('/etc/up', 'appended'));
      await fails(root.writeFile('/etc/up-directory/planted', 'x'));
      await fails(root.readFile(`/${up}${secret}`));
      await root.symlink(`${up}etc/hostname`, '/etc/up-inside');
      await root.writeFile('/etc/up-inside', 'inside\n');
      assert.equal(await root.readText('/etc/hostname'), 'inside\n');
    }),
    hostile('a symlinked /etc is followed in the image', async (root, { directory }) => {
      await root.rename('/etc', '/usr/etc');
      await root.symlink('/usr/etc', '/etc');
      await root.writeFile('/etc/hostname', 'linked\n');
      assert.equal(await root.readText('/usr/etc/hostname'), 'linked\n');
      await root.remove('/etc');
      await root.symlink(directory, '/etc');
      await fails(root.writeFile('/etc/hostname', 'x'));
      await root.remove('/etc');
      await root.symlink('/etc', '/etc');
      await fails(root.writeFile('/etc/hostname', 'x'), 'IMAGE_SYMLINK_LOOP');
    }),
    hostile('links that go round in circles end', async (root) => {
      await root.symlink('/b/x', '/a');
      await root.symlink('/a/x', '/b');
      await root.symlink('self', '/self');
      for (const path of ['/a', '/b/y', '/self', '/self/below']) {
        await fails(root.readFile(path), 'IMAGE_SYMLINK_LOOP');
        await fails(root.writeFile(path, 'x'), 'IMAGE_SYMLINK_LOOP');
        await fails(root.mkdir(path), 'IMAGE_SYMLINK_LOOP');
      }
    }),
    hostile('legitimate links work as on the node', async (root) => {
      await root.writeFile('/bin/tool', 'tool', { mode: 0o755 });
      assert.equal((await root.lstat('/bin'))?.type, 'symlink');
      assert.equal(await root.readText('/usr/bin/tool'), 'tool');
      await root.symlink('tool', '/usr/bin/alias');
      assert.equal(await root.readText('/bin/alias'), 'tool');
    }),
    hostile('real paths never pass or end at a link to the host', async (root, { directory, secret }) => {
      const { fileSystem } = root;
      const content = Buffer.from('x');
      await fileSystem.symlink(secret, '/file');
      await fileSystem.symlink(directory, '/dir');
      await fileSystem.mkdir('/d');
      const attempts: (() => Promise<unknown>)[] = [
        () => fileSystem.readFile('/file'),
        () => fileSystem.writeFile('/file', content),
        () => fileSystem.appendFile('/file', content),
        () => fileSystem.readFile('/dir/secret'),
        () => fileSystem.list('/dir'),
        () => fileSystem.writeFile('/dir/secret', content),
        () => fileSystem.writeFile('/dir/planted', content),
        () => fileSystem.mkdir('/dir/planted'),
        () => fileSystem.mkdir('/dir'),
        () => fileSystem.symlink('x', '/dir/planted'),
        () => fileSystem.link('/dir/secret', '/stolen'),
        () => fileSystem.rename('/dir/secret', '/stolen'),
        () => fileSystem.rename('/d', '/dir/planted'),
        () => fileSystem.remove('/dir/secret'),
        () => fileSystem.setAttributes('/dir/secret', { mode: 0o777 }),
      ];
      for (const attempt of attempts) await fails(attempt());
      // A link itself may be changed, named again, moved and removed: never what it points to.
      await fileSystem.setAttributes('/file', { mode: 0o777, uid: 99, gid: 99, mtime: new Date(0) });
      await fileSystem.setAttributes('/dir', { mode: 0o777, uid: 99, gid: 99 });
      await fileSystem.link('/file', '/file-again');
      await fileSystem.rename('/dir', '/dir-moved');
      await fileSystem.remove('/file');
      await fileSystem.remove('/dir-moved');
      assert.equal(await fileSystem.readLink('/file-again'), secret);
    }),
  ];
}

async function withCanary(use: (canary: Canary) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-canary-'));
  try {
    const secret = join(directory, 'secret');
    await writeFile(secret, SECRET, { mode: 0o600 });
    await mkdir(join(directory, 'kept'), { mode: 0o700 });
    await use({ directory, secret });
    assert.deepEqual((await readdir(directory)).sort(), ['kept', 'secret']);
    assert.equal(await readFile(secret, 'utf8'), SECRET);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Rejects with an error of the image, not with one of the host. */
async function fails(operation: Promise<unknown>, code?: string): Promise<void> {
  const error = await operation.then(
    (result) => assert.fail(`it must fail, and gave ${String(result)}`),
    (thrown: unknown) => thrown as { readonly code?: string },
  );
  if (code === undefined) assert.match(error.code ?? 'no code', /^IMAGE_/u);
  else assert.equal(error.code, code);
}
