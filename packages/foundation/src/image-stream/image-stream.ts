/** A byte stream of an image whose length and digest are known before the first byte: what is made in one place and sent in another. */
export interface ImageStream {
  /** An abort of what it was opened with destroys it: listen to its `error` at once, or read it at once. */
  readonly stream: NodeJS.ReadableStream;
  readonly format: 'xz' | 'raw';
  /** Length of this stream in bytes. */
  readonly lengthBytes: number;
  /** SHA-256 of this stream, hex. */
  readonly sha256: string;
  /** Length of the decompressed image in bytes. */
  readonly rawSizeBytes: number;
  /** Largest dictionary of any xz block in bytes; undefined for a raw stream. */
  readonly dictionaryBytes: number | undefined;
}
