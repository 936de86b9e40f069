import type { FileAttributes, FileType } from '../filesystem/file-system.js';
import type { ContentPart } from './recorded-content.js';

interface NodeOrigin {
  /** Where in the base it comes from, with its content and attributes; undefined for something new. */
  readonly origin: string | undefined;
  /** What was said about owner, mode and time; the rest is the origin's, or the default. */
  attributes: FileAttributes;
}

export interface RecordedFile extends NodeOrigin {
  readonly type: 'file';
  /** Undefined: the content of the origin. */
  parts: readonly ContentPart[] | undefined;
}

export interface RecordedLink extends NodeOrigin {
  readonly type: 'symlink';
  /** Undefined: the target of the origin. */
  readonly target: string | undefined;
}

export interface RecordedDirectory extends NodeOrigin {
  readonly type: 'directory';
  /** What is known of its content, by the key of the name; a removed one hides what the base has. */
  readonly children: Map<string, RecordedChild>;
}

/** A device, fifo or socket of the base; it can be moved and removed. */
export interface RecordedOther extends NodeOrigin {
  readonly type: Exclude<FileType, 'file' | 'symlink' | 'directory'>;
}

export interface RecordedChild {
  readonly name: string;
  /** Undefined: removed. */
  readonly node: RecordedNode | undefined;
}

/** A file, directory or link as it will be after the recorded operations. */
export type RecordedNode = RecordedFile | RecordedLink | RecordedDirectory | RecordedOther;

/** A node for something that is in the base. */
export function nodeOfBase(type: FileType, origin: string): RecordedNode {
  switch (type) {
    case 'file':
      return { type, origin, attributes: {}, parts: undefined };
    case 'directory':
      return { type, origin, attributes: {}, children: new Map() };
    case 'symlink':
      return { type, origin, attributes: {}, target: undefined };
    default:
      return { type, origin, attributes: {} };
  }
}
