import { gunzipSync } from 'node:zlib';

/** How gzip begins as archives behind an initrd are packed: without a name and a time. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00]);
const CPIO_MAGIC = '070701';
const HEADER_BYTES = 110;
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

/**
 * The files of the archives that were put behind an initrd, by path; of several with one name the last, as for the kernel.
 * What is no such archive is passed over.
 */
export function appendedFiles(initrd: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = initrd.indexOf(GZIP); at >= 0; at = initrd.indexOf(GZIP, at + 1)) {
    const archive = unpacked(initrd.subarray(at));
    if (archive !== undefined) for (const [path, content] of membersOf(archive)) files.set(path, content);
  }
  return files;
}

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_ARCHIVE_BYTES });
  } catch {
    return undefined;
  }
}

/** Members of cpio archives in the format `newc`, one behind the other. */
function* membersOf(archive: Buffer): Generator<[string, Buffer]> {
  let at = 0;
  while (at + HEADER_BYTES <= archive.length) {
    if (archive.toString('latin1', at, at + 6) !== CPIO_MAGIC) {
      if (archive[at] !== 0) return;
      at += 4; // between archives
      continue;
    }
    const field = (index: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameBytes = field(11);
    const start = toFour(at + HEADER_BYTES + nameBytes);
    const name = archive.toString('utf8', at + HEADER_BYTES, at + HEADER_BYTES + nameBytes - 1);
    yield [name, archive.subarray(start, start + field(6))];
    at = toFour(start + field(6));
  }
}

function toFour(position: number): number {
  return Math.ceil(position / 4) * 4;
}
