import type { PartitionSelector } from '../engine/image-engine.js';
import type { FileAttributes } from '../filesystem/file-system.js';
import type { BytesPart, LocalPart } from './recorded-content.js';

/** What a recorded operation does. Paths are absolute inside the partition. */
export type ImageChange =
  | {
      readonly call: 'writeFile' | 'appendFile';
      readonly path: string;
      readonly content: BytesPart | LocalPart;
      readonly attributes: FileAttributes;
    }
  | { readonly call: 'mkdir'; readonly path: string; readonly attributes: FileAttributes }
  | { readonly call: 'symlink'; readonly path: string; readonly target: string }
  | { readonly call: 'setAttributes'; readonly path: string; readonly attributes: FileAttributes }
  | { readonly call: 'rename'; readonly path: string; readonly to: string }
  | { readonly call: 'remove'; readonly path: string };

/** One recorded operation on one partition. */
export type ImageOperation = ImageChange & { readonly partition: PartitionSelector };
