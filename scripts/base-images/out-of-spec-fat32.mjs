const SECTOR = 512;
const END = 0x0fffffff;

/**
 * Puts small files into the root directory of a fresh FAT32 made by `mkfs.vfat -F32` on a partition of 4 MiB.
 *
 * @remarks Such a FAT has too few clusters for the specification's FAT32: mtools and others refuse to write it, Linux
 * reads it. This writes just what the seed needs (long names, one-sector clusters, the root's first cluster), and it
 * is deliberately not the driver under test.
 */
export function addFilesToFat32(fat, files, { date, time }) {
  const reserved = fat.readUInt16LE(14);
  const fatCount = fat.readUInt8(16);
  const fatSectors = fat.readUInt32LE(36);
  const sectors = fat.readUInt16LE(19) || fat.readUInt32LE(32);
  if (fat.readUInt16LE(11) !== SECTOR || fat.readUInt8(13) !== 1 || fat.readUInt16LE(22) !== 0)
    throw new Error('expected a FAT32 with one sector a cluster');
  const clusterOffset = (cluster) => (reserved + fatCount * fatSectors + cluster - 2) * SECTOR;
  const setFat = (cluster, value) => {
    for (let copy = 0; copy < fatCount; copy++)
      fat.writeUInt32LE(value, (reserved + copy * fatSectors) * SECTOR + cluster * 4);
  };

  const root = fat.readUInt32LE(44);
  let next = root + 1;
  const used = (offset) => fat.subarray(clusterOffset(root) + offset, clusterOffset(root) + offset + 32);
  let slot = used(0)[0] === 0 ? 0 : 32; // the first entry is the volume label
  let last = 0;
  let length = 1;
  let tail = root;
  const addEntry = (entry) => {
    if (slot === SECTOR) {
      setFat(tail, next);
      setFat(next, END);
      tail = next++;
      slot = 0;
      length++;
    }
    entry.copy(fat, clusterOffset(tail) + slot);
    slot += 32;
  };

  for (const [index, [name, text]] of files.entries()) {
    const content = Buffer.from(text);
    const clusters = Math.ceil(content.length / SECTOR);
    const first = clusters === 0 ? 0 : next;
    next += clusters;
    for (const entry of directoryEntries(name, index + 1, first, content.length, { date, time }))
      addEntry(entry);
    for (let i = 0; i < clusters; i++) {
      setFat(first + i, i === clusters - 1 ? END : first + i + 1);
      content.copy(fat, clusterOffset(first + i), i * SECTOR, (i + 1) * SECTOR);
    }
    last = next - 1;
  }

  const infoSector = fat.readUInt16LE(48) * SECTOR;
  const backup = fat.readUInt16LE(50) * SECTOR;
  for (const info of [infoSector, backup + infoSector]) {
    const total = sectors - reserved - fatCount * fatSectors;
    if (fat.readUInt32LE(info) !== 0x41615252) continue;
    fat.writeUInt32LE(total - (next - 2), info + 488);
    fat.writeUInt32LE(last, info + 492);
  }
  return { clusters: next - 2, rootClusters: length };
}

function directoryEntries(name, number, cluster, size, { date, time }) {
  const short = `${name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9-]/g, '')
    .slice(0, 6)}~${number}`.padEnd(11);
  const shortBytes = Buffer.from(short, 'latin1');
  let checksum = 0;
  for (const byte of shortBytes) checksum = (((checksum & 1) << 7) + (checksum >> 1) + byte) & 0xff;

  const units = Array.from(name, (letter) => letter.charCodeAt(0));
  const parts = Math.ceil(units.length / 13);
  const entries = [];
  for (let part = parts; part >= 1; part--) {
    const entry = Buffer.alloc(32);
    entry[0] = part | (part === parts ? 0x40 : 0);
    entry[11] = 0x0f;
    entry[13] = checksum;
    const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
    for (const [i, place] of places.entries()) {
      const at = (part - 1) * 13 + i;
      entry.writeUInt16LE(at < units.length ? units[at] : at === units.length ? 0 : 0xffff, place);
    }
    entries.push(entry);
  }
  const main = Buffer.alloc(32);
  shortBytes.copy(main);
  main[11] = 0x20;
  main.writeUInt16LE(time, 14);
  main.writeUInt16LE(date, 16);
  main.writeUInt16LE(date, 18);
  main.writeUInt16LE(cluster >>> 16, 20);
  main.writeUInt16LE(time, 22);
  main.writeUInt16LE(date, 24);
  main.writeUInt16LE(cluster & 0xffff, 26);
  main.writeUInt32LE(size, 28);
  return [...entries, main];
}
