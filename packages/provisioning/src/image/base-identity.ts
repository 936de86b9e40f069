import type { InstalledNode } from '@turingpi/core/plugin';
import type { ContentDigestCache } from '../cache/content-digest-cache.js';

/** A base image by what is in it. */
export interface BaseImage {
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** Computes the SHA-256 of the disk image in the file, hex; reads all of it. */
  readonly readContent: () => Promise<string>;
}

/**
 * What a base image counts as: its file's digest, or that of the file that the node was installed from, when both hold
 * the same disk image in another wrapping. The content is looked at only when the files differ.
 *
 * @param installed - what is recorded to be on the node
 */
export async function identifyBase(
  base: BaseImage,
  installed: Pick<InstalledNode, 'inputs' | 'baseContent'> | undefined,
  contents: ContentDigestCache,
): Promise<string> {
  const recorded = installed?.inputs?.['base'];
  if (typeof recorded !== 'string' || recorded === base.sha256) return base.sha256;
  const content = installed?.baseContent ?? (await contents.known(recorded));
  if (content === undefined) return base.sha256;
  return (await contents.digest(base.sha256, base.readContent)) === content ? recorded : base.sha256;
}
