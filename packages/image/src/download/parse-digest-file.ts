import { posix } from 'node:path';
import { ImageError } from '../image-error.js';

/** `<hex>  name`, `<hex> *name` (binary) or a digest alone, as `sha256sum` writes them. */
const GNU_LINE = /^\\?(?<digest>[0-9a-f]{64})(?:[ \t]+\*?(?<name>.+))?$/i;
/** `SHA256 (name) = <hex>`, as the BSDs and `sha256sum --tag` write it. */
const BSD_LINE = /^SHA256 ?\((?<name>.+)\) ?= ?(?<digest>[0-9a-f]{64})$/i;

interface Entry {
  readonly digest: string;
  readonly name: string | undefined;
}

/**
 * Finds the SHA-256 of a file in the text of a digest file (`.sha256`, `SHA256SUMS`).
 *
 * @param fileName - The file that is meant; a digest that stands alone in its file needs no name.
 * @param shown - The digest file, for messages.
 * @returns The digest in lower case.
 * @throws ImageError `IMAGE_DOWNLOAD_DIGEST_FILE` when it has no digest, none for this file, or several different ones.
 */
export function parseDigestFile(text: string, fileName: string, shown: string): string {
  const entries = text.split(/\r?\n/).flatMap((line) => entryOf(line.trim()) ?? []);
  const named = entries.filter(({ name }) => name === fileName);
  const candidates = named.length > 0 || entries.length !== 1 ? named : entries;
  const digests = new Set(candidates.map(({ digest }) => digest));
  const [digest, another] = digests;
  if (digest !== undefined && another === undefined) return digest;
  const what =
    entries.length === 0
      ? 'holds no SHA-256'
      : digest === undefined
        ? `has ${entries.length} digests, none of them for ${fileName}`
        : `has different digests for ${fileName}`;
  throw new ImageError('IMAGE_DOWNLOAD_DIGEST_FILE', `${shown} ${what}`, {
    hint: 'Expected are lines like "<sha256>  <file name>". Give the digest itself as sha256 instead.',
  });
}

function entryOf(line: string): Entry | undefined {
  const groups = (GNU_LINE.exec(line) ?? BSD_LINE.exec(line))?.groups;
  const digest = groups?.['digest'];
  if (digest === undefined) return undefined;
  const name = groups?.['name'];
  return {
    digest: digest.toLowerCase(),
    name: name === undefined ? undefined : posix.basename(name.replaceAll('\\', '/')),
  };
}
