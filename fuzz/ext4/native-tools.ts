import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { contentOf, targetOf } from '../content.js';
import { ENVIRONMENT, missingTools, run } from '../programs.js';
import type { Ext4Variant } from './variants.js';

/** Tells whether this process may mount: root, with loop devices and ext4 in the kernel. */
export function canMount(): boolean {
  if (
    process.getuid?.() !== 0 ||
    missingTools(['losetup', 'mount', 'umount', 'setfattr', 'setfacl']).length > 0
  )
    return false;
  return spawnSync('losetup', ['-f'], { env: ENVIRONMENT, stdio: 'ignore' }).status === 0;
}

/** Makes an empty filesystem whose identifiers are always the same. */
export function makeFileSystem(path: string, { options, sizeMiB }: Ext4Variant): void {
  const descriptor = openSync(path, 'w');
  ftruncateSync(descriptor, sizeMiB << 20);
  closeSync(descriptor);
  const uuid = '6b8b4567-327b-43c6-a438-66334873b0dc';
  run(
    'mke2fs',
    '-q',
    '-F',
    '-U',
    uuid,
    '-L',
    'fuzz',
    '-E',
    `hash_seed=${uuid},lazy_itable_init=1`,
    ...options,
    path,
  );
}

/** Mounts an image while `use` runs. */
export function withMount<T>(image: string, directory: string, options: string, use: () => T): T {
  mkdirSync(directory, { recursive: true });
  run('mount', '-t', 'ext4', '-o', `loop,${options}`, image, directory);
  try {
    return use();
  } finally {
    run('umount', directory);
    // The loop device goes after the mount, and whatever it still holds of the image with it.
    while (run('losetup', '-j', image) !== '')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** What `e2fsck -fn` says of an image; undefined when it finds nothing. */
export function fsckComplaints(image: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('e2fsck', ['-fn', image], {
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `e2fsck -fn: ${status ?? 'killed'}\n${stdout}${stderr}`;
}

/** All extended attributes below a mount point, as text. */
export function attributesBelow(root: string): string {
  const text = execFileSync('getfattr', ['-R', '-h', '-d', '-m', '-', '-e', 'hex', '.'], {
    cwd: root,
    env: ENVIRONMENT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return text
    .split('\n\n')
    .map((block) => block.split('\n').sort().join('\n'))
    .sort()
    .join('\n\n');
}

/** Fills a mounted filesystem with one of everything. */
export function populate(root: string): void {
  for (const name of ['etc', 'etc/sub', 'usr', 'big', 'acl', 'tiny']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/etc/hostname`, 'raspberrypi\n');
  writeFileSync(`${root}/tiny/a`, 'x'.repeat(100));
  symlinkSync(targetOf(40), `${root}/etc/link`);
  symlinkSync(targetOf(100), `${root}/usr/link`);
  for (let index = 0; index < 300; index++)
    writeFileSync(`${root}/big/file-${index.toString().padStart(5, '0')}`, contentOf(index, index % 50));
  makeFragmented(`${root}/usr/fragmented`, `${root}/usr/filler`, 40);
  makeFragmented(`${root}/usr/c`, `${root}/usr/filler-2`, 400);
  makeGaps(`${root}/gaps`, 120);
  const sparse = openSync(`${root}/usr/sparse`, 'w');
  for (const offset of [10_000, 500_000, 5_000_000]) writeSync(sparse, 'data', offset);
  ftruncateSync(sparse, 6_000_000);
  closeSync(sparse);
  writeFileSync(`${root}/usr/prealloc`, 'short');
  spawnSync('fallocate', ['-n', '-o', '4096', '-l', '100000', `${root}/usr/prealloc`]);
  populateAttributes(root);
  linkSync(`${root}/etc/hostname`, `${root}/etc/a`);
}

function populateAttributes(root: string): void {
  writeFileSync(`${root}/etc/xattr`, 'with attributes');
  run('setfattr', '-n', 'user.small', '-v', 'value', `${root}/etc/xattr`);
  run('setfattr', '-n', 'trusted.large', '-v', 'v'.repeat(400), `${root}/etc/xattr`);
  run('setfacl', '-m', 'u:1000:rw,g:100:r', `${root}/etc/xattr`);
  // The same attributes one after the other: the kernel lets them share a block.
  for (const name of ['shared-1', 'shared-2', 'shared-3']) {
    writeFileSync(`${root}/etc/${name}`, name);
    run('setfattr', '-n', 'user.shared', '-v', 's'.repeat(600), `${root}/etc/${name}`);
  }
  run('setfacl', '-d', '-m', 'u:1000:rwx,g:100:rx', `${root}/acl`);
  mkdirSync(`${root}/acl/sub`);
}

/** Makes a file whose blocks are not together: its growth alternates with another's. */
function makeFragmented(path: string, other: string, pieces: number): void {
  const descriptors = [openSync(path, 'w'), openSync(other, 'w')];
  for (let piece = 0; piece < pieces; piece++)
    for (const descriptor of descriptors)
      writeSync(descriptor, contentOf(piece, 1024), 0, 1024, piece * 10_240);
  for (const descriptor of descriptors) closeSync(descriptor);
}

/** Leaves gaps of a few blocks between files, for what is written when nothing larger is free. */
function makeGaps(directory: string, count: number): void {
  mkdirSync(directory);
  for (let index = 0; index < count; index++) writeFileSync(`${directory}/${index}`, contentOf(index, 9000));
  run('sync', '-f', directory);
  for (let index = 0; index < count; index += 2) unlinkSync(`${directory}/${index}`);
}
