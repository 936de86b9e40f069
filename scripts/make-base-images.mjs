/**
 * Makes the two tiny base images of the tests and the demo, from nothing but Debian's tools and the trees beside this
 * file. Needs sfdisk, mkfs.vfat, fsck.vfat, mke2fs, debugfs, e2fsck, mcopy, mmd and xz; no root. Times, identifiers
 * and order are fixed: a rerun with the same tools gives the same bytes.
 *
 *   node scripts/make-base-images.mjs [output directory]
 */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
  truncateSync,
  renameSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RK1_UBUNTU, rk1UbuntuRoot, rk1UbuntuSeed } from './base-images/rk1-ubuntu.mjs';
import { RPI_DEBIAN, rpiDebianBoot, rpiDebianRoot } from './base-images/rpi-debian.mjs';
import { addFilesToFat32 } from './base-images/out-of-spec-fat32.mjs';

const MIB = 1024 * 1024;
const EPOCH = Date.UTC(2024, 2, 15, 12, 0, 0) / 1000;
const FAT_TIME = { date: ((2024 - 1980) << 9) | (3 << 5) | 15, time: 12 << 11 };
const XZ_BLOCK = 4 * MIB;
const ENV = {
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  LC_ALL: 'C',
  TZ: 'UTC',
  SOURCE_DATE_EPOCH: String(EPOCH),
  E2FSPROGS_FAKE_TIME: String(EPOCH),
};
/** Debian 12's defaults, written down so that the host's mke2fs.conf does not matter. */
const MKE2FS_CONF = `[defaults]
base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
default_mntopts = acl,user_xattr
enable_periodic_fsck = 0
blocksize = 4096
inode_size = 256
inode_ratio = 16384
[fs_types]
  ext4 = {
    features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
  }
`;

const output = resolve(process.argv[2] ?? join(import.meta.dirname, '../packages/virtual-node/base-images'));
const work = mkdtempSync(join(tmpdir(), 'base-images-'));

function run(command, args, options = {}) {
  return execFileSync(command, args, { env: ENV, stdio: ['pipe', 'pipe', 'pipe'], ...options }).toString();
}

function place(image, offset, content) {
  const fd = openSync(image, 'r+');
  writeSync(fd, content, 0, content.length, offset);
  closeSync(fd);
}

/** An ext4 with exactly the tree's entries: made by debugfs in sorted order, so inode numbers are the same each time. */
function makeExt4(tree, { sizeMiB, label, uuid, hashSeed, features }) {
  const image = join(work, `${label}.ext4`);
  writeFileSync(image, '');
  truncateSync(image, sizeMiB * MIB);
  const conf = join(work, 'mke2fs.conf');
  writeFileSync(conf, MKE2FS_CONF);
  const extended = `root_owner=0:0,hash_seed=${hashSeed},lazy_itable_init=0,lazy_journal_init=0,nodiscard`;
  const args = ['-q', '-F', '-t', 'ext4', '-L', label, '-U', uuid, '-E', extended];
  run('mke2fs', [...args, ...(features ? ['-O', features] : []), image], {
    env: { ...ENV, MKE2FS_CONFIG: conf },
  });

  const commands = [];
  const entries = tree.entries();
  for (const [index, entry] of entries.entries()) {
    if (entry.path === '/') continue;
    if (entry.type === 'directory') commands.push(`mkdir ${entry.path}`);
    else if (entry.type === 'symlink') commands.push(`symlink ${entry.path} ${entry.target}`);
    else {
      const source = join(work, `content-${index}`);
      writeFileSync(source, entry.content);
      commands.push(`write ${source} ${entry.path}`);
    }
  }
  const KIND = { directory: 0o040000, file: 0o100000, symlink: 0o120000 };
  const lostAndFound = { path: '/lost+found', type: 'directory', mode: 0o700, uid: 0, gid: 0 };
  for (const { path, type, mode, uid, gid } of [...entries, lostAndFound]) {
    commands.push(`sif ${path} mode 0${(KIND[type] | mode).toString(8)}`);
    commands.push(`sif ${path} uid ${uid}`, `sif ${path} gid ${gid}`);
    for (const field of ['atime', 'mtime', 'ctime', 'crtime']) {
      commands.push(`sif ${path} ${field} @${EPOCH}`, `sif ${path} ${field}_extra 0`);
    }
  }
  const script = join(work, 'commands');
  writeFileSync(script, `${commands.join('\n')}\n`);
  const log = run('debugfs', ['-w', '-f', script, image]);
  const complaint = log
    .split('\n')
    .find((line) => !line.startsWith('debugfs: ') && !/^Allocated inode: \d+$/.test(line) && line !== '');
  if (complaint !== undefined) throw new Error(`debugfs: ${complaint}`);
  run('e2fsck', ['-fn', image]);
  return readFileSync(image);
}

function makeFat(sizeMiB, label, volumeId) {
  const image = join(work, `${label}.fat`);
  writeFileSync(image, '');
  truncateSync(image, sizeMiB * MIB);
  run('mkfs.vfat', ['--invariant', '-F', '32', '-s', '1', '-n', label, '-i', volumeId, image]);
  return image;
}

function makeDisk(name, sizeMiB, script) {
  const image = join(work, name);
  writeFileSync(image, '');
  truncateSync(image, sizeMiB * MIB);
  run('sfdisk', ['--quiet', image], { input: script });
  return image;
}

function compress(image, name) {
  run('xz', ['-6', '-T2', `--block-size=${XZ_BLOCK}`, image]);
  const target = join(output, name);
  const staged = `${target}.new`;
  writeFileSync(staged, readFileSync(`${image}.xz`));
  renameSync(staged, target);
  console.log(`${name}: ${statSync(target).size} bytes`);
}

/** Bytes that look like a boot loader to whoever must keep them, from a fixed sequence. */
function bootLoader(size) {
  const bytes = Buffer.alloc(size);
  let state = 0x2545f491;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  bytes.write('RKNS');
  return bytes;
}

function makeRk1Ubuntu() {
  const { diskGuid, cidataGuid, rootGuid, rootUuid, hashSeed, cidataVolumeId } = RK1_UBUNTU;
  const image = makeDisk(
    'rk1-ubuntu.img',
    65,
    `label: gpt\nlabel-id: ${diskGuid}\nfirst-lba: 34\n` +
      `start=32768, size=8192, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=${cidataGuid}, name="primary"\n` +
      `start=40960, size=90112, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=${rootGuid}, name="primary"\n`,
  );
  place(image, 64 * 512, bootLoader(16 * 1024));
  const cidata = makeFat(4, 'CIDATA', cidataVolumeId);
  const bytes = readFileSync(cidata);
  addFilesToFat32(bytes, rk1UbuntuSeed(), FAT_TIME);
  writeFileSync(cidata, bytes);
  run('fsck.vfat', ['-n', cidata]);
  place(image, 16 * MIB, bytes);
  place(
    image,
    20 * MIB,
    makeExt4(rk1UbuntuRoot(), { sizeMiB: 44, label: 'cloudimg-rootfs', uuid: rootUuid, hashSeed }),
  );
  compress(image, 'rk1-ubuntu.img.xz');
}

function makeRpiDebian() {
  const { diskId, bootVolumeId, rootUuid, hashSeed } = RPI_DEBIAN;
  const image = makeDisk(
    'rpi-debian.img',
    92,
    `label: dos\nlabel-id: 0x${diskId}\nstart=16384, size=81920, type=c\nstart=98304, size=90112, type=83\n`,
  );
  const boot = makeFat(40, 'bootfs', bootVolumeId);
  run('mmd', ['-i', boot, '::overlays']);
  for (const [name, content] of rpiDebianBoot()) {
    const source = join(work, 'boot-file');
    writeFileSync(source, content);
    run('mcopy', ['-i', boot, source, `::${name}`]);
  }
  run('fsck.vfat', ['-n', boot]);
  place(image, 8 * MIB, readFileSync(boot));
  const features = '^64bit,^huge_file';
  place(
    image,
    48 * MIB,
    makeExt4(rpiDebianRoot(), { sizeMiB: 44, label: 'rootfs', uuid: rootUuid, hashSeed, features }),
  );
  compress(image, 'rpi-debian.img.xz');
}

try {
  mkdirSync(output, { recursive: true });
  makeRk1Ubuntu();
  makeRpiDebian();
} finally {
  rmSync(work, { recursive: true, force: true });
}
