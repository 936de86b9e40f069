import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { connect as connectTcp, type Socket } from 'node:net';
import { ReplyReader } from './reply-reader.js';
import type { SentReply, Target } from './sender.js';

const PIECE = 256 * 1024;

/** How an upload is put on the wire. */
export interface UploadForm {
  readonly contentType?: string;
  /** What goes before, between and after the content. */
  readonly before: string;
  readonly after: string;
  readonly chunked?: boolean;
}

/** A well-formed form with one file. */
export const FORM: UploadForm = {
  contentType: 'multipart/form-data; boundary=XYZ',
  before:
    '--XYZ\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\n',
  after: '\r\n--XYZ--\r\n',
};

/** An upload on its own connection, sent piece by piece so that an early reply is seen. */
export class UploadSocket implements Disposable {
  #sent = 0;

  private constructor(
    private readonly tcp: Socket,
    private readonly tls: TLSSocket,
    private readonly reader: ReplyReader,
  ) {}

  static async open(target: Target): Promise<UploadSocket> {
    const tcp = connectTcp(target);
    const tls = connectTls({ socket: tcp, rejectUnauthorized: false });
    tcp.on('error', () => undefined);
    tls.on('error', () => undefined);
    await once(tls, 'secureConnect');
    return new UploadSocket(tcp, tls, new ReplyReader(tls));
  }

  /** Bytes of the body the other side has taken from us. */
  get sent(): number {
    return this.#sent;
  }

  /** Sends head and body up to `until` bytes of it; gives the reply as soon as there is one. */
  async send(
    handle: number,
    token: string,
    content: Buffer,
    form: UploadForm = FORM,
    until = Infinity,
  ): Promise<{ reply: SentReply; early: boolean } | undefined> {
    const body = [Buffer.from(form.before), content, Buffer.from(form.after)];
    const length = body.reduce((sum, part) => sum + part.length, 0);
    const head = [
      `POST /api/bmc/upload/${handle} HTTP/1.1`,
      'Host: board',
      `Authorization: Bearer ${token}`,
      ...(form.contentType === undefined ? [] : [`Content-Type: ${form.contentType}`]),
      form.chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    ];
    this.tls.write(`${head.join('\r\n')}\r\n\r\n`);
    const reply = this.reader.next('POST').then((received) => ({ reply: received }));
    for (const part of body) {
      for (let at = 0; at < part.length; at += PIECE) {
        const piece = part.subarray(at, Math.min(at + PIECE, part.length, at + until - this.#sent));
        if (piece.length === 0) return undefined;
        if (form.chunked) this.tls.write(`${piece.length.toString(16)}\r\n`);
        const taken = new Promise<undefined>((resolve) => {
          this.tls.write(piece, () => resolve(undefined));
        });
        if (form.chunked) this.tls.write('\r\n');
        const early = await Promise.race([taken, reply]);
        if (early) return { ...early, early: true };
        this.#sent += piece.length;
      }
    }
    if (form.chunked) this.tls.write('0\r\n\r\n');
    return { ...(await reply), early: false };
  }

  /** Whether the other side takes no bytes and keeps the connection open, for a while. */
  async isHeld(): Promise<boolean> {
    const before = this.tcp.bytesWritten - this.tcp.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return (
      !this.tcp.destroyed &&
      !this.tls.readableEnded &&
      this.tcp.bytesWritten - this.tcp.writableLength === before
    );
  }

  /** Ends the connection by a TCP reset. */
  reset(): void {
    this.tcp.resetAndDestroy();
  }

  /** Ends it by a FIN without telling TLS. */
  cut(): void {
    this.tcp.end();
  }

  /** Ends it properly, but in the middle of the body. */
  close(): void {
    this.tls.end();
  }

  [Symbol.dispose](): void {
    this.tls.destroy();
    this.tcp.destroy();
  }
}
