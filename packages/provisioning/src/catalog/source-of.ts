import type { CatalogImage } from './base-image-catalog.js';

/**
 * What a configuration says of an image in a catalogue.
 *
 * @returns Undefined for one without an address or without a digest: such a file is downloaded and compared by hand.
 */
export function sourceOf({
  url,
  sha256,
  sha256Url,
}: CatalogImage): { url: string; sha256: string } | { url: string; sha256Url: string } | undefined {
  if (url === undefined) return undefined;
  if (sha256 !== undefined) return { url, sha256 };
  return sha256Url === undefined ? undefined : { url, sha256Url };
}
