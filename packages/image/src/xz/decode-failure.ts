import { ImageError } from '../image-error.js';
import type { XzDecodeOptions } from './xz-codec.js';

/** What a decoder said or did when it gave up. */
export interface DecodeFailure {
  /** Its own words, or how it ended. */
  readonly why: string;
  /** Who decoded. */
  readonly decoder: string;
  /** It did not give up but was ended, or never began. */
  readonly broken?: boolean;
  readonly cause?: unknown;
}

/** The words of liblzma for what it lacks rather than what the data lack; `xz` has the same. */
const OPTIONS = /unsupported (?:options|filter|type)|options_error|unsupported_check/iu;
const LIMIT = /memory usage limit|memlimit_error/iu;
const MEMORY = /cannot allocate memory|out of memory|mem_error/iu;

/** Names why .xz data were not decoded: a limit of the decoder, or its own failure, is no damage. */
export function xzDecodeError(failure: DecodeFailure, { path, filters = [] }: XzDecodeOptions): ImageError {
  const { why, decoder, broken, cause } = failure;
  const message = `${path} cannot be decompressed: ${why}`;
  if (OPTIONS.test(why)) {
    const what = filters.length === 0 ? 'an option' : `the filter ${filters.join(', ')}`;
    return new ImageError(
      'IMAGE_UNSUPPORTED_COMPRESSION',
      `${path} uses ${what} of .xz that this decoder, ${decoder}, does not know: ${why}`,
      { cause, hint: 'Install xz 5.6 or newer, or pack the image again without filters: `xz -6 -T0`.' },
    );
  }
  if (LIMIT.test(why))
    return new ImageError('IMAGE_UNSUPPORTED_COMPRESSION', `${message}; it needs too much memory`, {
      cause,
      hint: 'Unpack it: `xz -d --memlimit-decompress=0 FILE`.',
    });
  if (broken === true || MEMORY.test(why))
    return new ImageError('IMAGE_UNREADABLE', message, {
      cause,
      hint: `${decoder} failed, which says nothing about the file. Try again with more memory.`,
    });
  return new ImageError('IMAGE_CORRUPT', message, { cause });
}
