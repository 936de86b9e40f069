import type { FileHandle } from 'node:fs/promises';
import type { XzBlock } from './xz-layout.js';

/** A block and the open file it is in. */
export interface LocatedBlock {
  readonly file: FileHandle;
  readonly path: string;
  readonly block: XzBlock;
}
