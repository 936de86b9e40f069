/** What one page is about: what its document says, what is told to it, and the one thing that it can ask for. */
export interface PageContent {
  readonly title: string;
  /** By which the script of the page knows what it is to draw. */
  readonly kind: 'run' | 'fleet';
  readonly stream: PageStream;
  /**
   * Asks something to end; missing where nothing can be asked.
   *
   * @param what - its name, where there are several
   */
  readonly cancel?: (what: string | undefined) => Promise<void>;
  /** Said when it was asked. */
  readonly cancelled: string;
  /** Said where it cannot be asked. */
  readonly notCancelled: string;
}

/** What is told to those who look. */
export interface PageStream {
  /** Reads its source to the end; that it fails is told to those who follow. */
  fill(signal: AbortSignal): Promise<void>;
  /**
   * What comes after the message that somebody had last, until there is nothing more.
   *
   * @param after - id of that message; -1 for none
   * @param signal - ends the waiting for more, with its reason
   */
  follow(after: number, signal: AbortSignal): AsyncGenerator<StreamMessage, StreamEnd>;
}

export interface StreamMessage {
  /** Grows from message to message. */
  readonly id: number;
  readonly data: unknown;
}

/** That there is nothing further, and why it could not be read to its end, where it could not. */
export interface StreamEnd {
  readonly failure?: string;
}
