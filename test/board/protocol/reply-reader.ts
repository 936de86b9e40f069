import type { Socket } from 'node:net';
import type { SentReply } from './sender.js';

/** Reads replies from a connection one after another, as they lie on the wire. */
export class ReplyReader {
  #held = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', end);
  }

  /** The next reply to a request of this method. */
  async next(method: string): Promise<SentReply> {
    const head = await this.#until('\r\n\r\n');
    if (head === undefined) return 'closed';
    const [statusLine = '', ...lines] = head.toString('latin1').split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      // header values may be UTF-8
      headers[name] = Buffer.from(line.slice(colon + 1).trim(), 'latin1').toString('utf8');
    }
    const status = Number(statusLine.split(' ')[1]);
    const body = method === 'HEAD' ? Buffer.alloc(0) : await this.#body(headers);
    return { version: 1, status, headers, body };
  }

  async #body(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    if (headers['transfer-encoding'] !== 'chunked')
      return this.#exactly(Number(headers['content-length'] ?? 0));
    const chunks: Buffer[] = [];
    for (;;) {
      const size = parseInt((await this.#until('\r\n'))?.toString('latin1') ?? '', 16);
      const chunk = await this.#exactly(size + 2);
      if (size === 0 || Number.isNaN(size)) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, size));
    }
  }

  async #until(delimiter: string): Promise<Buffer | undefined> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      if (at >= 0) {
        const taken = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + delimiter.length);
        return taken;
      }
      if (this.#ended) return undefined;
      await this.#more();
    }
  }

  async #exactly(length: number): Promise<Buffer> {
    while (this.#held.length < length) {
      if (this.#ended) throw new Error(`connection ended ${length - this.#held.length} bytes early`);
      await this.#more();
    }
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
