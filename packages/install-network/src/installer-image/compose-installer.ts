import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { MemoryDisk, openFat, PartitionDisk } from '@turingpi/image';
import { formatFat, GPT_HEAD_BYTES, GPT_TAIL_BYTES, renderGpt } from '@turingpi/image/parts';
import { INSTALLER_ROOT } from '../archive/base-programs.js';
import { type CpioEntry, renderCpio } from '../archive/cpio-archive.js';
import { appendToLegacyImage, isLegacyImage } from '../base/legacy-image.js';
import type { InstallerBase } from '../base/read-base.js';
import { NetworkInstallError } from '../network-install-error.js';
import { INIT_SCRIPT } from '../node-script/init-script.js';
import { INSTALL_SCRIPT } from '../node-script/install-script.js';
import { LEASE_SCRIPT } from '../node-script/lease-script.js';
import { NETWORK_SCRIPT } from '../node-script/network-script.js';
import {
  type DiskMark,
  type InstallerSettings,
  renderCurlConfig,
  renderSettings,
} from './installer-settings.js';

const MIB = 1024 * 1024;
/** The largest that the controller is given: 14 seconds of its time. */
const MAX_INSTALLER_BYTES = 100_000_000;
const MIN_FAT_BYTES = 9 * MIB;
/** More than what is of one node takes, whose length depends on it. */
const NODE_BYTES = 64 * 1024;
const LABEL = 'TPINSTALL';
/** In a GUID partition table, and in a boot record, an id of the disk has its place here. */
const GPT_ID = { offset: 512 + 56, length: 16 };
const MBR_ID = { offset: 440, length: 4 };
const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
const EFI_SYSTEM = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';

/** What of an installer is the same for all nodes of a base: made once. */
export interface PreparedInstaller {
  readonly base: InstallerBase;
  /** The initrd with the programs and scripts behind it; what is of one node comes after that. */
  readonly initrd: Buffer;
}

/** Makes the part of the installers of a base that is the same for all its nodes. */
export async function prepareInstaller(base: InstallerBase): Promise<PreparedInstaller> {
  const scripts: CpioEntry[] = [
    { path: 'init', content: Buffer.from(INIT_SCRIPT), mode: 0o755 },
    { path: `${INSTALLER_ROOT}/network.sh`, content: Buffer.from(NETWORK_SCRIPT) },
    { path: `${INSTALLER_ROOT}/lease.sh`, content: Buffer.from(LEASE_SCRIPT), mode: 0o755 },
    { path: `${INSTALLER_ROOT}/install.sh`, content: Buffer.from(INSTALL_SCRIPT) },
  ];
  const archive = renderCpio([...base.programs.entries, ...base.modules, ...scripts]);
  const packed = await promisify(gzip)(archive, { level: 1 });
  return { base, initrd: append(base.boot.initrd.content, packed) };
}

/** An installer for one node. */
export interface Installer {
  /** The bytes of the disk. */
  readonly image: Buffer;
}

/**
 * Makes the small image that is flashed instead of the whole one: the base's boot loader where it was, and one FAT
 * partition with what that loads, under the paths that it looks for.
 *
 * @remarks U-Boot's distro boot and the firmware of a Raspberry Pi read a FAT like any other filesystem, so that one is
 * enough for every layout.
 * @throws NetworkInstallError `INSTALLER_TOO_LARGE`.
 */
export async function composeInstaller(
  { base, initrd }: PreparedInstaller,
  settings: InstallerSettings,
): Promise<Installer> {
  const { boot } = base;
  const { bytes, partition, mark } = emptyDisk(base, fatBytes(boot.files, initrd.length + NODE_BYTES));
  const own = await nodeArchive(settings, mark);
  await writeFiles(partition, new Map([...boot.files, [boot.initrd.path, append(initrd, own)]]));
  return { image: bytes };
}

function fatBytes(files: ReadonlyMap<string, Buffer>, more: number): number {
  const content = [...files.values()].reduce((sum, file) => sum + file.length + 8192, more);
  return Math.max(MIN_FAT_BYTES, Math.ceil((content * 1.02 + MIB) / MIB) * MIB);
}

interface EmptyDisk {
  readonly bytes: Buffer;
  readonly partition: PartitionDisk;
  readonly mark: DiskMark;
}

/** A disk with the boot loader of the base and one partition, and with an id that no other disk has. */
function emptyDisk({ boot, bootLoader }: InstallerBase, partitionBytes: number): EmptyDisk {
  const start = Math.ceil((GPT_HEAD_BYTES + bootLoader.length) / MIB) * MIB;
  const sizeBytes = start + partitionBytes + MIB;
  if (sizeBytes > MAX_INSTALLER_BYTES)
    throw new NetworkInstallError(
      'INSTALLER_TOO_LARGE',
      `the installer of this base image would have ${Math.ceil(sizeBytes / 1e6)} MB, more than ${MAX_INSTALLER_BYTES / 1e6}`,
      { hint: 'Use the strategy `flash` for this image.', details: { sizeBytes } },
    );
  const bytes = Buffer.alloc(sizeBytes);
  bootLoader.copy(bytes, GPT_HEAD_BYTES);
  const isMbr = boot.method === 'raspberry-pi';
  if (isMbr) writeBootRecord(bytes, start, partitionBytes);
  else {
    const type = boot.method === 'efi' ? EFI_SYSTEM : BASIC_DATA;
    const ids = { type, uuid: randomUUID(), name: LABEL };
    const partition = { offsetBytes: start, sizeBytes: partitionBytes, ...ids, bootable: true };
    const { head, tail } = renderGpt(randomUUID(), [partition], sizeBytes);
    head.copy(bytes);
    tail.copy(bytes, sizeBytes - GPT_TAIL_BYTES);
  }
  const id = isMbr ? MBR_ID : GPT_ID;
  const markDigest = createHash('sha256')
    .update(bytes.subarray(id.offset, id.offset + id.length))
    .digest('hex');
  return {
    bytes,
    partition: new PartitionDisk(new MemoryDisk(bytes), start, partitionBytes),
    mark: { markOffset: id.offset, markBytes: id.length, markDigest, installerBytes: sizeBytes },
  };
}

async function nodeArchive(settings: InstallerSettings, disk: DiskMark): Promise<Buffer> {
  const archive = renderCpio([
    { path: `${INSTALLER_ROOT}/settings`, content: Buffer.from(renderSettings(settings, disk)), mode: 0o600 },
    { path: `${INSTALLER_ROOT}/curlrc`, content: Buffer.from(renderCurlConfig(settings)), mode: 0o600 },
  ]);
  return await promisify(gzip)(archive);
}

/** Archives follow each other at multiples of four bytes. */
function append(initrd: Buffer, archive: Buffer): Buffer {
  if (isLegacyImage(initrd)) {
    const gap = Buffer.alloc((4 - (initrd.readUInt32BE(12) % 4)) % 4);
    return appendToLegacyImage(initrd, Buffer.concat([gap, archive]));
  }
  return Buffer.concat([initrd, Buffer.alloc((4 - (initrd.length % 4)) % 4), archive]);
}

async function writeFiles(partition: PartitionDisk, files: ReadonlyMap<string, Buffer>): Promise<void> {
  await formatFat(partition, { label: LABEL, volumeId: randomBytes(4).readUInt32LE() });
  await using fat = await openFat(partition);
  const made = new Set<string>();
  for (const [path, content] of files) {
    const names = path.split('/').slice(1, -1);
    for (let depth = 1; depth <= names.length; depth++) {
      const directory = `/${names.slice(0, depth).join('/')}`;
      if (!made.has(directory)) await fat.mkdir(directory);
      made.add(directory);
    }
    await fat.writeFile(path, content);
  }
  await fat.flush();
  await fat.selfCheck();
}

/** A boot record with one FAT16 partition, as the firmware of a Raspberry Pi expects it. */
function writeBootRecord(bytes: Buffer, start: number, length: number): void {
  randomBytes(MBR_ID.length).copy(bytes, MBR_ID.offset);
  bytes.writeUInt8(0x0e, 446 + 4);
  bytes.writeUInt32LE(start / 512, 446 + 8);
  bytes.writeUInt32LE(length / 512, 446 + 12);
  bytes.writeUInt16LE(0xaa55, 510);
}
