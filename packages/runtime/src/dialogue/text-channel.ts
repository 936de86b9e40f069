/** A place where text comes out and lines go in: a terminal over SSH, or a node's serial console. */
export interface TextChannel {
  /** Text as it arrives, ANSI sequences included; ends when the channel ends. */
  readonly output: AsyncIterable<string>;
  /** Sends one line; the line end is added by the channel. */
  sendLine(line: string): Promise<void>;
}
