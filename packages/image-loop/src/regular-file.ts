import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { type FileContent, type FileType, ImageError, exactContent } from '@turingpi/image/backend';

import { fileType } from './file-stat.js';

const { O_NOFOLLOW, O_NONBLOCK } = constants;

/** Opens a regular file and nothing else; a device or FIFO in the image is not even waited for. */
export async function openRegularFile(native: Buffer, path: string, flags: number): Promise<FileHandle> {
  const stat = await lstat(native);
  if (stat.isDirectory()) throw new ImageError('IMAGE_IS_A_DIRECTORY', `"${path}" is a directory.`);
  if (!stat.isFile()) throw noContent(path, fileType(stat));
  const handle = await open(native, flags | O_NOFOLLOW | O_NONBLOCK);
  const opened = await handle.stat();
  if (opened.isFile()) return handle;
  await handle.close();
  throw noContent(path, fileType(opened));
}

/** Replaces a file's content in its inode. Bytes in memory are written over the old ones, which are then cut off. */
export async function replaceContent(handle: FileHandle, content: FileContent, path: string): Promise<void> {
  let position = 0;
  for await (const piece of exactContent(content, path)) {
    await writeAll(handle, piece, position);
    position += piece.byteLength;
  }
  await handle.truncate(position);
}

/** @param position - Where in the file; null appends. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number | null,
): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const at = position === null ? null : position + done;
    done += (await handle.write(bytes, done, bytes.byteLength - done, at)).bytesWritten;
  }
}

function noContent(path: string, type: FileType): ImageError {
  return new ImageError('IMAGE_OPERATION_UNSUPPORTED', `"${path}" is a ${type}, which has no content.`);
}
