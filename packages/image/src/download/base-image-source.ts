/** A base image: a local path, or a URL with the digest that it must have. */
export type BaseImageSource =
  | string
  | {
      readonly url: string;
      /** SHA-256 of the file, hex. */
      readonly sha256: string;
    }
  | {
      readonly url: string;
      /** URL of a `.sha256` file beside the image. */
      readonly sha256Url: string;
    };
