import { ImageError } from '../image-error.js';
import { aclWithMode, exchangeFormOfAcl, isMinimalAcl } from './access-control-list.js';
import {
  attributeHash,
  attributeName,
  attributesLength,
  compareAttributes,
  readAttributes,
  writeAttributes,
  type AttributeRecord,
} from './attribute-record.js';
import { crc32c } from './checksum.js';
import { corruption, unsupportedOperation } from './corruption.js';
import { bodyAttributesRoom, isInlineData, readBodyAttributes, writeBodyAttributes } from './inline-data.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

const MAGIC = 0xea020000;
const HEADER = 32;
const CHECKSUM_OFFSET = 16;
const ACCESS_ACL = 2;
const DEFAULT_ACL = 3;

/** Extended attributes inside inodes and in blocks of their own, which several inodes may share. */
export class ExtendedAttributes {
  constructor(private readonly volume: Volume) {}

  /** All attributes by full name; ACLs in the form that `getxattr` gives. */
  async read(inode: Inode): Promise<Map<string, Buffer>> {
    const attributes = new Map<string, Buffer>();
    for (const record of [...readBodyAttributes(inode), ...(await this.#readBlock(inode))]) {
      if (isInlineData(record)) continue;
      const name = attributeName(record);
      if (record.valueInode !== 0)
        throw unsupportedOperation(
          `The attribute ${name} of inode ${inode.number} is stored in an inode of its own`,
        );
      const isAcl = record.index === ACCESS_ACL || record.index === DEFAULT_ACL;
      attributes.set(name, isAcl ? exchangeFormOfAcl(record.value) : Buffer.from(record.value));
    }
    return attributes;
  }

  /** Keeps an access ACL in step with a changed mode, as `chmod` does. */
  async followMode(inode: Inode): Promise<void> {
    const acl = await this.#find(inode, ACCESS_ACL);
    if (acl) await this.#set(inode, { ...acl, value: aclWithMode(acl.value, inode.mode) });
  }

  /** Gives a new inode what its directory's default ACL asks for; the mode stays as it was asked for. */
  async inherit(inode: Inode, directory: Inode): Promise<void> {
    const acl = await this.#find(directory, DEFAULT_ACL);
    if (!acl || inode.type === 'symlink') return;
    if (inode.isDirectory) await this.#set(inode, { ...acl, value: Buffer.from(acl.value) });
    if (!isMinimalAcl(acl.value))
      await this.#set(inode, { ...acl, index: ACCESS_ACL, value: aclWithMode(acl.value, inode.mode) });
  }

  /** Gives up an inode's block of attributes: frees it, or counts one user less. */
  async release(inode: Inode): Promise<void> {
    const records = [...readBodyAttributes(inode), ...(await this.#readBlock(inode))];
    if (records.some(({ valueInode }) => valueInode !== 0))
      throw unsupportedOperation(`An attribute of inode ${inode.number} is stored in an inode of its own`);
    await this.#dropBlock(inode);
  }

  /** Checks the block of attributes. @throws ImageError `IMAGE_FILESYSTEM_CORRUPT`. */
  async verify(inode: Inode): Promise<void> {
    readBodyAttributes(inode);
    await this.#readBlock(inode);
  }

  async #find(inode: Inode, index: number): Promise<AttributeRecord | undefined> {
    const all = [...readBodyAttributes(inode), ...(await this.#readBlock(inode))];
    return all.find((record) => record.index === index);
  }

  async #set(inode: Inode, record: AttributeRecord): Promise<void> {
    const same = (other: AttributeRecord): boolean =>
      other.index === record.index && other.name.equals(record.name);
    const copy = (other: AttributeRecord): AttributeRecord => ({ ...other, value: Buffer.from(other.value) });
    const body = readBodyAttributes(inode).map(copy);
    const block = (await this.#readBlock(inode)).map(copy);
    const inBlock = block.some(same);
    const newBody = [...body.filter((other) => !same(other)), record];
    if (!inBlock && attributesLength(newBody) <= bodyAttributesRoom(inode)) {
      writeBodyAttributes(inode, newBody);
      return;
    }
    const newBlock = [...block.filter((other) => !same(other)), record].sort(compareAttributes);
    if (attributesLength(newBlock) > this.volume.superblock.blockSize - HEADER)
      throw new ImageError(
        'IMAGE_NO_SPACE',
        `Inode ${inode.number} has no room for another extended attribute.`,
      );
    if (body.some(same))
      writeBodyAttributes(
        inode,
        body.filter((other) => !same(other)),
      );
    await this.#writeBlock(inode, newBlock);
  }

  async #readBlock(inode: Inode): Promise<AttributeRecord[]> {
    if (inode.attributeBlock === 0) return [];
    const data = await this.#checkedBlock(inode);
    return readAttributes(data, HEADER, 0, `inode ${inode.number}`);
  }

  async #checkedBlock(inode: Inode): Promise<Buffer> {
    const number = inode.attributeBlock;
    if (this.volume.zones.overlaps(number, 1))
      throw corruption(`inode ${inode.number} has attributes in metadata`);
    const data = await this.volume.cache.get(number);
    if (data.readUInt32LE(0) !== MAGIC || data.readUInt32LE(8) !== 1 || data.readUInt32LE(4) === 0)
      throw corruption(`block ${number} holds no extended attributes, but inode ${inode.number} says so`);
    if (this.#checksums && data.readUInt32LE(CHECKSUM_OFFSET) !== this.#checksum(number, data))
      throw corruption(`the checksum of the attributes of inode ${inode.number} is wrong`);
    return data;
  }

  async #writeBlock(inode: Inode, records: readonly AttributeRecord[]): Promise<void> {
    const { blocks, cache, maps } = this.volume;
    const shared = inode.attributeBlock !== 0 && (await this.#checkedBlock(inode)).readUInt32LE(4) > 1;
    if (shared) await this.#dropBlock(inode);
    const isNew = inode.attributeBlock === 0;
    const number = isNew ? await blocks.allocateOne(maps.goal(inode.number)) : inode.attributeBlock;
    const data = isNew ? cache.create(number) : await cache.edit(number);
    data.fill(0);
    data.writeUInt32LE(MAGIC, 0);
    data.writeUInt32LE(1, 4);
    data.writeUInt32LE(1, 8);
    writeAttributes(data, HEADER, 0, records, attributeHash);
    const hash = records
      .map(attributeHash)
      .reduce((sum, next) => ((sum << 16) ^ (sum >>> 16) ^ next) >>> 0, 0);
    data.writeUInt32LE(hash, 12);
    this.#seal(number, data);
    if (!isNew) return;
    inode.attributeBlock = number;
    maps.setBlockCount(inode, maps.blockCount(inode) + 1);
  }

  async #dropBlock(inode: Inode): Promise<void> {
    const number = inode.attributeBlock;
    if (number === 0) return;
    const users = (await this.#checkedBlock(inode)).readUInt32LE(4);
    if (users > 1) {
      const data = await this.volume.cache.edit(number);
      data.writeUInt32LE(users - 1, 4);
      this.#seal(number, data);
    } else await this.volume.blocks.free([{ start: number, count: 1 }]);
    inode.attributeBlock = 0;
    this.volume.maps.setBlockCount(inode, Math.max(0, this.volume.maps.blockCount(inode) - 1));
  }

  get #checksums(): boolean {
    return this.volume.superblock.features.has('metadata_csum');
  }

  #seal(number: number, data: Buffer): void {
    if (this.#checksums) data.writeUInt32LE(this.#checksum(number, data), CHECKSUM_OFFSET);
  }

  #checksum(number: number, data: Buffer): number {
    const place = Buffer.alloc(8);
    place.writeBigUInt64LE(BigInt(number));
    const copy = Buffer.from(data);
    copy.writeUInt32LE(0, CHECKSUM_OFFSET);
    return crc32c(crc32c(this.volume.superblock.checksumSeed, place), copy);
  }
}
