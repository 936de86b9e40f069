import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { ImageStream } from '@turingpi/foundation';
import type { TransferSource } from '../api/transfer-api.js';
import { BmcError } from '../errors/bmc-error.js';
import type { BmcCapabilities } from '../version/capabilities.js';
import type { FlashImage, RemoteImage } from './flash-request.js';

/**
 * The BMC has about 50 MB for everything; 8 MiB is what `xz` uses unless told otherwise
 * (docs/reference/bmc-protocol.md, "Decompression on the BMC").
 */
const LARGEST_DICTIONARY = 8 * 1024 * 1024;

/** Endings of compressed files; `.xz` in another case is one that the BMC does not know. */
const COMPRESSED = /\.(?:xz|lzma|gz|tgz|zst|bz2|lz4|zip|7z)$/i;

/** An image in the form in which this BMC can take it. */
export interface PreparedImage {
  readonly source: TransferSource;
  /** Tells this source from others, also in a later run. */
  readonly identity: string;
  /** The bytes to upload; undefined for what the BMC reads by itself. */
  readonly image: ImageStream | undefined;
  readonly rawSizeBytes: number | undefined;
}

/**
 * Opens an image as xz when it is xz and the BMC can decode it, else decompressed on the fly.
 *
 * @remarks The name to announce says which: its ending alone decides whether the BMC decompresses.
 *
 * @throws BmcError BMC_FLASH_IMAGE_UNUSABLE for an empty image and for a remote one whose compression the BMC would not
 * see, BMC_NOT_SUPPORTED for an address, or xz, on old firmware
 */
export async function prepareImage(
  source: FlashImage | RemoteImage,
  capabilities: BmcCapabilities,
  signal: AbortSignal,
): Promise<PreparedImage> {
  if ('from' in source) return remote(source, capabilities);
  if (source.format === 'xz' && capabilities.decodesXz) {
    const image = held(await source.open('xz', signal));
    if (image.dictionaryBytes !== undefined && image.dictionaryBytes <= LARGEST_DICTIONARY) {
      return upload(usable(image), 'image.img.xz');
    }
    discard(image);
  }
  return upload(usable(held(await source.open('raw', signal))), 'image.img');
}

/** What {@link PreparedImage.identity} is for an image that the BMC reads by itself. */
export function remoteIdentity(source: RemoteImage): string {
  return source.from === 'url' ? `url ${source.sha256}` : `file ${source.path}`;
}

function remote(source: RemoteImage, capabilities: BmcCapabilities): PreparedImage {
  if (source.from === 'url' && !capabilities.flashesFromUrl) {
    throw new BmcError('BMC_NOT_SUPPORTED', 'this firmware of the BMC cannot download images', {
      hint: 'Give the image as a file, or upgrade the firmware of the BMC to 2.1.0 or newer.',
    });
  }
  refuseCompressed(source, capabilities);
  return { source, identity: remoteIdentity(source), image: undefined, rawSizeBytes: source.rawSizeBytes };
}

/** The BMC decompresses what is called `.xz`, in lower case, and writes everything else as it is and says `Done`. */
function refuseCompressed(source: RemoteImage, { decodesXz }: BmcCapabilities): void {
  const name = posix.basename(source.from === 'url' ? pathOf(source.url) : source.path);
  const [ending] = COMPRESSED.exec(name) ?? [];
  if (ending === undefined || (ending === '.xz' && decodesXz)) return;
  if (ending === '.xz') {
    throw new BmcError(
      'BMC_NOT_SUPPORTED',
      `this firmware of the BMC would write ${name} without decompressing it`,
      {
        hint: 'Give the image as a file, or upgrade the firmware of the BMC to 2.1.0 or newer.',
      },
    );
  }
  throw new BmcError('BMC_FLASH_IMAGE_UNUSABLE', `the BMC would write ${name} without decompressing it`, {
    hint: 'The BMC decompresses only files whose names end in `.xz`, in lower case. Give the image as a file instead.',
  });
}

/** The daemon looks at the path of an address only; one that is none it refuses itself. */
function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

function upload(image: ImageStream, name: 'image.img.xz' | 'image.img'): PreparedImage {
  const { lengthBytes, sha256, rawSizeBytes } = image;
  return { source: { from: 'upload', name, lengthBytes, sha256 }, identity: sha256, image, rawSizeBytes };
}

/**
 * A stream that may fail before anybody reads it: much is asked of the board between opening the image and sending it, and
 * an abort destroys the stream at any moment. Whoever reads it then gets the error all the same.
 */
function held(image: ImageStream): ImageStream {
  image.stream.on('error', () => undefined);
  return image;
}

/** Closes a stream that is not read to its end. */
export function discard(image: ImageStream): void {
  const { stream } = image;
  stream.on('error', () => undefined);
  if (stream instanceof Readable) stream.destroy();
}

function usable(image: ImageStream): ImageStream {
  if (image.lengthBytes > 0 && image.rawSizeBytes > 0 && /^[0-9a-f]{64}$/.test(image.sha256)) return image;
  discard(image);
  throw new BmcError('BMC_FLASH_IMAGE_UNUSABLE', 'the image is empty or has no SHA-256', {
    hint: 'The BMC would report an empty transfer as done.',
  });
}
