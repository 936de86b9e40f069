import type { ImageFiles } from '@turingpi/image';

/** What is asked of the files of a system, be it in an image or on a node that runs. */
export type SystemFiles = Pick<
  ImageFiles,
  | 'exists'
  | 'lstat'
  | 'list'
  | 'readText'
  | 'readLink'
  | 'writeFile'
  | 'mkdir'
  | 'symlink'
  | 'rename'
  | 'remove'
>;
