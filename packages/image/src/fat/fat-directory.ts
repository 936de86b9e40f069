import type { WritableDisk } from '../disk/disk.js';
import { ImageError } from '../image-error.js';
import {
  DIRECTORY_ATTRIBUTE,
  ENTRY_BYTES,
  encodeShortEntry,
  type FatEntry,
  readModified,
  type ShortEntryFields,
  VOLUME_LABEL_ATTRIBUTE,
} from './fat-entry.js';
import {
  decodeLongNamePart,
  decodeShortName,
  encodeLongName,
  exactShortName,
  foldName,
  inventShortName,
  isUsableName,
  shortNameChecksum,
} from './fat-name.js';
import { type ClusterRun, countClusters } from './cluster-run.js';
import type { FatTable } from './fat-table.js';
import { decodeOemText } from './oem-text.js';

const MAX_BYTES = 65_536 * ENTRY_BYTES;
const REMOVED = 0xe5;
const LONG_NAME = 0x0f;

/** Where a directory's bytes are: the fixed root area of FAT12 and FAT16, or a chain of clusters. */
type Place = { readonly runs: ClusterRun[] } | { readonly fixed: true };

/**
 * One directory, read into memory (at most 2 MiB) and written back by changed sectors.
 *
 * @remarks Whatever lies behind the end mark is treated as zero, and becomes zero when its sector is written.
 */
export class FatDirectory {
  readonly #original: Buffer;
  #bytes: Buffer;

  private constructor(
    private readonly disk: WritableDisk,
    private readonly table: FatTable,
    /** First cluster, as entries and `..` state it; 0 for the fixed root. */
    readonly firstCluster: number,
    private readonly place: Place,
    bytes: Buffer,
  ) {
    this.#original = bytes;
    this.#bytes = Buffer.from(bytes);
    const end = this.#endSlot();
    this.#bytes.fill(0, end * ENTRY_BYTES);
  }

  /** Reads the root directory. */
  static async root(disk: WritableDisk, table: FatTable): Promise<FatDirectory> {
    const { rootAreaBytes, rootAreaOffset, rootCluster } = table.geometry;
    if (rootAreaBytes === 0) return FatDirectory.at(disk, table, rootCluster);
    return new FatDirectory(disk, table, 0, { fixed: true }, await disk.read(rootAreaOffset, rootAreaBytes));
  }

  /** Reads the directory whose chain starts at a cluster. */
  static async at(disk: WritableDisk, table: FatTable, firstCluster: number): Promise<FatDirectory> {
    const { clusterBytes, dataOffset } = table.geometry;
    const runs = await table.chain(firstCluster, Math.max(Math.floor(MAX_BYTES / clusterBytes), 1));
    const parts: Buffer[] = [];
    for (const run of runs)
      parts.push(await disk.read(dataOffset + (run.first - 2) * clusterBytes, run.count * clusterBytes));
    return new FatDirectory(disk, table, firstCluster, { runs }, Buffer.concat(parts));
  }

  /** Bytes of the directory on the disk. */
  get sizeBytes(): number {
    return this.#bytes.length;
  }

  /** The clusters it takes; none for the fixed root. */
  get runs(): readonly ClusterRun[] {
    return 'runs' in this.place ? this.place.runs : [];
  }

  /** Whether both are the same directory of the same filesystem. */
  sameAs(other: FatDirectory): boolean {
    return this.firstCluster === other.firstCluster;
  }

  /** Files and directories in it, without `.`, `..` and the volume label. */
  entries(): FatEntry[] {
    const entries: FatEntry[] = [];
    const end = this.#endSlot();
    let long: { text: string; checksum: number; expected: number; firstSlot: number } | undefined;
    for (let slot = 0; slot < end; slot++) {
      const raw = this.slot(slot);
      const [order = 0, attributes = 0] = [raw[0], raw[11]];
      if (order === REMOVED) long = undefined;
      else if (attributes === LONG_NAME) {
        const text = decodeLongNamePart(raw);
        const [number, checksum] = [order & 0x1f, raw[13] ?? 0];
        if ((order & 0x40) !== 0) long = { text, checksum, expected: number - 1, firstSlot: slot };
        else if (long?.expected === number && long.checksum === checksum)
          long = { ...long, text: text + long.text, expected: number - 1 };
        else long = undefined;
      } else {
        const entry = this.#shortEntry(slot, raw, long);
        if ((attributes & VOLUME_LABEL_ATTRIBUTE) === 0 && entry !== undefined) entries.push(entry);
        long = undefined;
      }
    }
    return entries;
  }

  /** The entry of a name; FAT does not tell upper from lower case, and the short name is a name as well. */
  find(name: string): FatEntry | undefined {
    const folded = foldName(name);
    const entries = this.entries();
    return (
      entries.find((entry) => foldName(entry.name) === folded) ??
      entries.find(({ shortName }) => decodeShortName(Buffer.from(shortName, 'latin1'), 0) === folded)
    );
  }

  /** The label of the filesystem, which is an entry of the root directory. */
  volumeLabel(): string | undefined {
    for (let slot = 0; slot < this.#endSlot(); slot++) {
      const raw = this.slot(slot);
      const isLabel = raw[11] !== LONG_NAME && ((raw[11] ?? 0) & VOLUME_LABEL_ATTRIBUTE) !== 0;
      if (isLabel && raw[0] !== REMOVED) return decodeOemText(raw.subarray(0, 11));
    }
    return undefined;
  }

  /** The bytes of a slot; changing them changes the directory. */
  slot(index: number): Buffer {
    return this.#bytes.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
  }

  /**
   * Adds an entry, growing the directory if need be; nothing is on the disk before `save`.
   *
   * @throws ImageError `IMAGE_NO_SPACE`, with the directory unchanged.
   */
  async add(name: string, fields: Omit<ShortEntryFields, 'short'>): Promise<void> {
    const exact = exactShortName(name);
    const taken = new Set(this.entries().map(({ shortName }) => shortName));
    const isExact = exact !== undefined && !taken.has(exact.toString('latin1'));
    const short = isExact ? exact : inventShortName(name, taken);
    const slots = [...(isExact ? [] : encodeLongName(name, short)), encodeShortEntry({ ...fields, short })];
    let at = this.#freeSlots(slots.length);
    if (at === undefined) {
      await this.#grow(slots.length);
      at = this.#freeSlots(slots.length) ?? 0;
    }
    for (const [index, slot] of slots.entries()) slot.copy(this.slot(at + index));
  }

  /** Removes an entry with its long name; its content is somebody else's affair. */
  remove(entry: FatEntry): void {
    for (let i = 0; i < entry.slotCount; i++) this.slot(entry.firstSlot + i)[0] = REMOVED;
  }

  /** Points `..` somewhere else, after the directory moved. */
  setParent(firstCluster: number): void {
    const dotDot = this.slot(1);
    if (dotDot.toString('latin1', 0, 11) !== '..         ') throw corrupt('a directory has no ".." entry');
    dotDot.writeUInt16LE(firstCluster >>> 16, 20);
    dotDot.writeUInt16LE(firstCluster & 0xffff, 26);
  }

  /** Writes the changed sectors. */
  async save(): Promise<void> {
    const { sectorBytes } = this.table.geometry;
    for (let at = 0; at < this.#bytes.length; at += sectorBytes) {
      const now = this.#bytes.subarray(at, at + sectorBytes);
      if (at < this.#original.length && now.equals(this.#original.subarray(at, at + sectorBytes))) continue;
      await this.disk.write(this.diskOffset(at), now);
    }
  }

  /** Where a byte of the directory lies on the disk. */
  diskOffset(at: number): number {
    const { clusterBytes, dataOffset, rootAreaOffset } = this.table.geometry;
    if ('fixed' in this.place) return rootAreaOffset + at;
    let cluster = Math.floor(at / clusterBytes);
    for (const run of this.place.runs) {
      if (cluster < run.count)
        return dataOffset + (run.first + cluster - 2) * clusterBytes + (at % clusterBytes);
      cluster -= run.count;
    }
    throw corrupt('a directory ends before its entry');
  }

  #shortEntry(
    slot: number,
    raw: Buffer,
    long: { text: string; checksum: number; expected: number; firstSlot: number } | undefined,
  ): FatEntry | undefined {
    const short = raw.subarray(0, 11);
    const shortName = short.toString('latin1');
    if (shortName === '.          ' || shortName === '..         ') return undefined;
    const belongs = long?.expected === 0 && long.checksum === shortNameChecksum(short);
    const longName = long !== undefined && belongs && isUsableName(long.text) ? long.text : undefined;
    const firstSlot = long !== undefined && belongs ? long.firstSlot : slot;
    const plain = decodeShortName(short, raw[12] ?? 0).replaceAll(/[/\0]/g, '_');
    const high = this.table.geometry.variant === 'FAT32' ? raw.readUInt16LE(20) : 0;
    return {
      name: longName ?? (isUsableName(plain) ? plain : '_'),
      shortName,
      isDirectory: ((raw[11] ?? 0) & DIRECTORY_ATTRIBUTE) !== 0,
      firstCluster: high * 0x1_0000 + raw.readUInt16LE(26),
      size: raw.readUInt32LE(28),
      modified: readModified(raw),
      firstSlot,
      slotCount: slot - firstSlot + 1,
    };
  }

  #endSlot(): number {
    for (let at = 0; at < this.#bytes.length; at += ENTRY_BYTES)
      if (this.#bytes[at] === 0) return at / ENTRY_BYTES;
    return this.#bytes.length / ENTRY_BYTES;
  }

  #freeSlots(count: number): number | undefined {
    let run = 0;
    for (let slot = 0; slot * ENTRY_BYTES < this.#bytes.length; slot++) {
      const first = this.#bytes[slot * ENTRY_BYTES];
      run = first === 0 || first === REMOVED ? run + 1 : 0;
      if (run === count) return slot - count + 1;
    }
    return undefined;
  }

  async #grow(slots: number): Promise<void> {
    const { clusterBytes } = this.table.geometry;
    const more = Math.ceil((slots * ENTRY_BYTES) / clusterBytes);
    if ('fixed' in this.place || this.#bytes.length + more * clusterBytes > MAX_BYTES)
      throw new ImageError('IMAGE_NO_SPACE', 'A directory of the FAT filesystem is full.', {
        details: { directoryBytes: this.#bytes.length },
      });
    const added = await this.table.allocate(more);
    await this.table.join(this.place.runs, added);
    this.place.runs.push(...added);
    this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(countClusters(added) * clusterBytes)]);
  }
}

function corrupt(what: string): ImageError {
  return new ImageError('IMAGE_FILESYSTEM_CORRUPT', `The FAT filesystem is damaged: ${what}.`);
}
