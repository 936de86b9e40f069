import type { InstalledNode } from './phase.js';

/** What a node says of itself. */
export interface AdoptedNode {
  readonly installed: InstalledNode;
  /**
   * What its image was made from, one SHA-256 for each named input (hex); undefined for a system that was not made by
   * this program: then there is nothing to compare the configuration with.
   */
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  /** The version of the steps that made the image, where the node tells it. */
  readonly recipe?: number | undefined;
}
