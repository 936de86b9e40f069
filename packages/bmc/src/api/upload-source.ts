/** The bytes to send. A chunk may be overwritten as soon as the next one is asked for. */
export interface UploadSource {
  readonly stream: AsyncIterable<Uint8Array | string>;
  readonly lengthBytes: number;
}

/** How an upload is followed and limited. */
export interface UploadWatch {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of source bytes handed to the network. */
  readonly onSent?: (bytes: number) => void;
  /** Give up when nothing moves for this long; bring-up alone takes up to 15 s without a byte. */
  readonly stallMs: number;
  /** The same for the answer after the last byte. */
  readonly answerMs: number;
}
