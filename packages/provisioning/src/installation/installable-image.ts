import { Readable } from 'node:stream';
import type { CustomizedImage } from '@turingpi/core/plugin';
import type { ImageStream } from '@turingpi/foundation';
import type { InstallableImage } from '../board/board-driver.js';
import { ImageError } from '@turingpi/image/customization';

type OpenStream = (path: string, format: 'xz' | 'raw', signal: AbortSignal) => Promise<ImageStream>;

/**
 * A customised image as installation strategies get it: what they open is what the record says, or nothing.
 *
 * @remarks A file that is gone, or was changed since it was made, is made again when that is possible. Opening rejects
 * with ImageError `IMAGE_CHECKSUM` when it is not, or when the new one is another. The digest of the decompressed image
 * is compared where it is on record.
 * @param remake - makes the image again, equal to what the record says
 * @param digest - SHA-256 of a file, hex; without it the image is not given as a file
 */
export function installableImage(
  record: CustomizedImage,
  openStream: OpenStream,
  remake?: () => Promise<CustomizedImage>,
  digest?: (path: string, signal: AbortSignal) => Promise<string>,
): InstallableImage {
  return {
    record,
    ...(digest && { file: (signal) => recordedFile(record, (path) => digest(path, signal), remake) }),
    open: async (format, signal) => {
      try {
        return await openRecorded(record, format, signal, openStream);
      } catch (error) {
        if (remake === undefined || !(error instanceof ImageError)) throw error;
        const { path } = await remake();
        return openRecorded({ ...record, path }, format, signal, openStream);
      }
    },
  };
}

/** The file that is what the record says. */
async function recordedFile(
  record: CustomizedImage,
  digest: (path: string) => Promise<string>,
  remake?: () => Promise<CustomizedImage>,
): Promise<string> {
  try {
    assertRecorded(record.path, record.sha256, await digest(record.path));
    return record.path;
  } catch (error) {
    if (remake === undefined || !(error instanceof ImageError)) throw error;
    const { path } = await remake();
    assertRecorded(path, record.sha256, await digest(path));
    return path;
  }
}

async function openRecorded(
  record: CustomizedImage,
  format: 'xz' | 'raw',
  signal: AbortSignal,
  openStream: OpenStream,
): Promise<ImageStream> {
  const opened = await openStream(record.path, format, signal);
  const expected = format === record.format ? record.sha256 : format === 'raw' ? record.rawSha256 : undefined;
  try {
    assertRecorded(record.path, expected, opened.sha256);
    return opened;
  } catch (error) {
    if (opened.stream instanceof Readable) opened.stream.destroy();
    throw error;
  }
}

function assertRecorded(path: string, expected: string | undefined, found: string): void {
  if (expected === undefined || found === expected) return;
  throw new ImageError('IMAGE_CHECKSUM', `${path} is not the image that was made: its digest has changed`, {
    hint: 'Run again: the image will be made again.',
    details: { expected, found },
  });
}
