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
 */
export function installableImage(
  record: CustomizedImage,
  openStream: OpenStream,
  remake?: () => Promise<CustomizedImage>,
): InstallableImage {
  return {
    record,
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

async function openRecorded(
  record: CustomizedImage,
  format: 'xz' | 'raw',
  signal: AbortSignal,
  openStream: OpenStream,
): Promise<ImageStream> {
  const opened = await openStream(record.path, format, signal);
  const expected = format === record.format ? record.sha256 : format === 'raw' ? record.rawSha256 : undefined;
  if (expected === undefined || opened.sha256 === expected) return opened;
  if (opened.stream instanceof Readable) opened.stream.destroy();
  throw new ImageError(
    'IMAGE_CHECKSUM',
    `${record.path} is not the image that was made: its digest has changed`,
    {
      hint: 'Run again: the image will be made again.',
      details: { expected, found: opened.sha256 },
    },
  );
}
