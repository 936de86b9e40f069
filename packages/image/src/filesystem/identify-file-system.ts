import type { ReadableDisk, WritableDisk } from '../disk/disk.js';
import { openFat } from '../fat/fat-file-system.js';
import { type FileSystemKind, probeFileSystem } from './probe-file-system.js';

const EXT4_SUPERBLOCK = 1024;

/** What a filesystem is called, without opening it for work. */
export interface FileSystemIdentity {
  readonly kind: FileSystemKind | undefined;
  readonly label: string;
  readonly uuid: string | undefined;
  /** ext4: when it was last written. */
  readonly writtenAt: Date | undefined;
}

/**
 * Tells kind, label and UUID of the filesystem on a disk or partition; also of one that could not be opened, because
 * it is dirty or has unknown features. Damage makes it nameless and is no error here.
 */
export async function identifyFileSystem(disk: WritableDisk): Promise<FileSystemIdentity> {
  const kind = await probeFileSystem(disk);
  const nameless = { kind, label: '', uuid: undefined, writtenAt: undefined };
  if (kind === 'ext4') return { kind, ...(await readExt4Identity(disk)) };
  if (kind !== 'fat') return nameless;
  const fat = await openFat(disk).catch(() => undefined);
  return fat === undefined ? nameless : { kind, label: fat.label, uuid: fat.uuid, writtenAt: undefined };
}

async function readExt4Identity(disk: ReadableDisk): Promise<Omit<FileSystemIdentity, 'kind'>> {
  const superblock = await disk.read(EXT4_SUPERBLOCK, 1024);
  const hex = superblock.toString('hex', 104, 120);
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  );
  const seconds = superblock.readUInt32LE(48) + superblock.readUInt8(0x274) * 2 ** 32;
  return {
    label: superblock.toString('utf8', 120, 136).replace(/\0.*$/su, ''),
    uuid,
    writtenAt: seconds === 0 ? undefined : new Date(seconds * 1000),
  };
}
