import { corruption } from './corruption.js';

const DISK_VERSION = 1;
const EXCHANGE_VERSION = 2;
const USER_OBJECT = 0x1;
const USER = 0x2;
const GROUP_OBJECT = 0x4;
const GROUP = 0x8;
const MASK = 0x10;
const OTHER = 0x20;
const NO_ID = 0xffffffff;

interface AclEntry {
  readonly tag: number;
  readonly permissions: number;
  readonly id: number;
}

/** Gives an access ACL the permissions of a mode, as `chmod` does: owner, mask (or group), others. */
export function aclWithMode(value: Buffer, mode: number): Buffer {
  const entries = parse(value);
  const hasMask = entries.some(({ tag }) => tag === MASK);
  return format(
    entries.map((entry) => {
      if (entry.tag === USER_OBJECT) return { ...entry, permissions: (mode >> 6) & 7 };
      if (entry.tag === OTHER) return { ...entry, permissions: mode & 7 };
      if (entry.tag === (hasMask ? MASK : GROUP_OBJECT)) return { ...entry, permissions: (mode >> 3) & 7 };
      return entry;
    }),
  );
}

/** Tells whether an ACL says no more than nine permission bits can. */
export function isMinimalAcl(value: Buffer): boolean {
  return parse(value).every(({ tag }) => tag === USER_OBJECT || tag === GROUP_OBJECT || tag === OTHER);
}

/** Turns an ACL as ext4 stores it into the form of `getxattr` on Linux. */
export function exchangeFormOfAcl(value: Buffer): Buffer {
  const entries = parse(value);
  const out = Buffer.alloc(4 + entries.length * 8);
  out.writeUInt32LE(EXCHANGE_VERSION, 0);
  entries.forEach(({ tag, permissions, id }, index) => {
    out.writeUInt16LE(tag, 4 + index * 8);
    out.writeUInt16LE(permissions, 6 + index * 8);
    out.writeUInt32LE(id, 8 + index * 8);
  });
  return out;
}

function hasId(tag: number): boolean {
  return tag === USER || tag === GROUP;
}

function parse(value: Buffer): AclEntry[] {
  if (value.length < 4 || value.readUInt32LE(0) !== DISK_VERSION)
    throw corruption('an access control list has no version');
  const entries: AclEntry[] = [];
  for (let at = 4; at < value.length;) {
    if (at + 4 > value.length) throw corruption('an access control list is cut off');
    const tag = value.readUInt16LE(at);
    const length = hasId(tag) ? 8 : 4;
    if (at + length > value.length) throw corruption('an access control list is cut off');
    const id = hasId(tag) ? value.readUInt32LE(at + 4) : NO_ID;
    entries.push({ tag, permissions: value.readUInt16LE(at + 2), id });
    at += length;
  }
  return entries;
}

function format(entries: readonly AclEntry[]): Buffer {
  const version = Buffer.alloc(4);
  version.writeUInt32LE(DISK_VERSION);
  return Buffer.concat([
    version,
    ...entries.map(({ tag, permissions, id }) => {
      const bytes = Buffer.alloc(hasId(tag) ? 8 : 4);
      bytes.writeUInt16LE(tag, 0);
      bytes.writeUInt16LE(permissions, 2);
      if (hasId(tag)) bytes.writeUInt32LE(id, 4);
      return bytes;
    }),
  ]);
}
