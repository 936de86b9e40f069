import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { InstallableImage } from '@turingpi/provisioning';
import type { Installer } from '../installer-image/compose-installer.js';

const CHUNK_BYTES = 512 * 1024;

/** An installer as an image that a board's own strategy takes. @param record - of the image that it installs */
export function installerStream({ image }: Installer, record: InstallableImage['record']): InstallableImage {
  const sha256 = createHash('sha256').update(image).digest('hex');
  const sizes = { sizeBytes: image.length, rawSizeBytes: image.length };
  return {
    record: {
      ...record,
      path: `the installer of ${record.path}`,
      format: 'raw',
      ...sizes,
      sha256,
      rawSha256: sha256,
    },
    open: (_format, signal) =>
      Promise.resolve({
        stream: Readable.from(chunksOf(image), { objectMode: false, signal }),
        format: 'raw',
        lengthBytes: image.length,
        sha256,
        rawSizeBytes: image.length,
        dictionaryBytes: undefined,
      }),
  };
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
