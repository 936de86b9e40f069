import { StringDecoder } from 'node:string_decoder';
import { OutputTail } from './output-tail.js';

/** What a command prints, as it comes: the end of each stream is kept, and text is told of. */
export class CommandOutput {
  readonly stdout: OutputTail;
  readonly stderr: OutputTail;
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };

  /**
   * @param maxBytes - Bytes kept of each stream, the last ones.
   * @param onOutput - Told of text; a character that comes in two pieces is told of once, when it is whole.
   */
  constructor(
    maxBytes: number,
    private readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void,
  ) {
    this.stdout = new OutputTail(maxBytes);
    this.stderr = new OutputTail(maxBytes);
  }

  /** Takes a piece of a stream. */
  push(piece: Buffer, stream: 'stdout' | 'stderr'): void {
    this[stream].push(piece);
    if (this.onOutput === undefined) return;
    const text = this.#decoders[stream].write(piece);
    if (text !== '') this.onOutput(text, stream);
  }
}
