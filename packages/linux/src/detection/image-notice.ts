/** Something in a base image that people should know of, because it was changed or may surprise. */
export interface ImageNotice {
  /** Path in the image; on another partition than the root, with the partition's name before it. */
  readonly file: string;
  readonly message: string;
}
