import { crc32, createInflateRaw } from 'node:zlib';
import { fromFd, type Entry, type ZipFile } from 'yauzl';
import { readSegments, type FileRange } from '../disk/file-segment.js';
import { readFully } from '../disk/read-fully.js';
import { ImageError } from '../image-error.js';
import { assertBelievableSize } from './expansion-guard.js';
import { runThrough } from './run-through.js';

const MAX_ENTRIES = 10_000;
const IMAGE_NAME = /\.(img|raw|bin|iso|wic|sdcard)$/i;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const LOCAL_HEADER_BYTES = 30;

/**
 * Unpacks the one image that a .zip archive holds.
 *
 * @throws ImageError `IMAGE_NOT_AN_IMAGE` when there is none or several, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`,
 * `IMAGE_UNSUPPORTED_COMPRESSION`; the reason of the signal.
 */
export async function* unpackZip(
  file: FileRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const entry = chooseImage(await listEntries(file, signal), file.path);
  if (entry.generalPurposeBitFlag & ENCRYPTED) {
    throw new ImageError('IMAGE_UNSUPPORTED_COMPRESSION', `${file.path}: ${entry.fileName} is encrypted`);
  }
  assertBelievableSize(file.path, entry.uncompressedSize, file.length);
  const packed = readSegments([await locate(entry, file)], signal);
  let done = 0;
  let checksum = 0;
  for await (const chunk of open(entry, packed, file.path)) {
    done += chunk.length;
    checksum = crc32(chunk, checksum);
    if (done > entry.uncompressedSize) throw damaged(file, entry, 'it is longer than the archive says');
    yield chunk;
  }
  if (done !== entry.uncompressedSize) throw damaged(file, entry, 'it is shorter than the archive says');
  if (checksum !== entry.crc32) throw damaged(file, entry, 'its checksum is wrong');
}

function open(
  entry: Entry,
  packed: AsyncGenerator<Buffer, void, undefined>,
  path: string,
): AsyncIterable<Buffer> {
  if (entry.compressionMethod === STORED) return packed;
  if (entry.compressionMethod === DEFLATED) {
    return runThrough(packed, createInflateRaw({ chunkSize: 256 * 1024 }), path);
  }
  throw new ImageError(
    'IMAGE_UNSUPPORTED_COMPRESSION',
    `${path}: ${entry.fileName} is packed by method ${entry.compressionMethod}`,
  );
}

/** Reads the central directory, which is where the sizes can be trusted to be. */
function listEntries(file: FileRange, signal: AbortSignal): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const why = error instanceof Error ? error.message : String(error);
      const wrapped = new ImageError('IMAGE_CORRUPT', `${file.path} is not a usable .zip archive: ${why}`, {
        cause: error,
      });
      reject(error instanceof ImageError ? error : wrapped);
    };
    const list = (zip: ZipFile): void => {
      const entries: Entry[] = [];
      zip.on('error', fail);
      zip.on('end', () => resolve(entries));
      zip.on('entry', (entry: Entry) => {
        entries.push(entry);
        if (signal.aborted) reject(signal.reason as Error);
        else if (entries.length > MAX_ENTRIES) fail(new Error('it has too many entries'));
        else zip.readEntry();
      });
      zip.readEntry();
    };
    fromFd(file.file.fd, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? fail(error) : list(zip),
    );
  });
}

function chooseImage(entries: readonly Entry[], path: string): Entry {
  const files = entries.filter(
    ({ fileName }) => !fileName.endsWith('/') && !fileName.startsWith('__MACOSX/'),
  );
  const images = files.length === 1 ? files : files.filter(({ fileName }) => IMAGE_NAME.test(fileName));
  const [image] = images;
  if (image && images.length === 1) return image;
  const names = files.slice(0, 5).map(({ fileName }) => fileName);
  throw new ImageError(
    'IMAGE_NOT_AN_IMAGE',
    `${path} must hold one image, but holds ${images.length}: ${names.join(', ') || 'nothing'}`,
    { hint: 'Unpack the archive, and use the image you want.' },
  );
}

/** The packed bytes of an entry: behind its local header, whose variable part may differ from the directory's. */
async function locate(entry: Entry, file: FileRange): Promise<FileRange> {
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  const start = entry.relativeOffsetOfLocalHeader;
  if (start + LOCAL_HEADER_BYTES > file.length)
    throw damaged(file, entry, 'it lies beyond the end of the archive');
  await readFully(file.file, file.path, header, start);
  if (header.readUInt32LE(0) !== 0x04034b50) throw damaged(file, entry, 'its header is missing');
  const offset = start + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (offset + entry.compressedSize > file.length)
    throw damaged(file, entry, 'it lies beyond the end of the archive');
  return { ...file, offset, length: entry.compressedSize };
}

function damaged(file: FileRange, entry: Entry, why: string): ImageError {
  return new ImageError('IMAGE_CORRUPT', `${file.path}: ${entry.fileName} is damaged: ${why}`);
}
