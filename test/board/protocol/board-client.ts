import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import type { Endpoint } from '@turingpi/virtual-board';

/** A reply as it was on the wire. */
export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A plain client for tests of the board: no checks, no cleverness. */
export class BoardClient {
  readonly agent = new Agent({ keepAlive: false, rejectUnauthorized: false });
  token: string | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly localAddress?: string,
  ) {}

  async login(username = 'root', password = 'turing'): Promise<void> {
    const reply = await this.request('POST', '/api/bmc/authenticate', JSON.stringify({ username, password }));
    if (reply.status !== 200) throw new Error(`login: ${reply.status} ${reply.body}`);
    this.token = (JSON.parse(reply.body) as { id: string }).id;
  }

  get(query: string): Promise<RawReply> {
    return this.request('GET', `/api/bmc?${query}`);
  }

  /** Polls until the transfer ended. */
  async finalStatus(): Promise<string> {
    for (;;) {
      const { body } = await this.get('opt=get&type=flash');
      if (!body.startsWith('{"Transferring"')) return body;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async request(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<RawReply> {
    const options: RequestOptions = {
      host: this.endpoint.host,
      port: this.endpoint.port,
      method,
      path,
      agent: this.agent,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      ...(this.localAddress === undefined ? {} : { localAddress: this.localAddress }),
    };
    const sent = request(options);
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
  }
}

/** A form with one file, and the header that goes with it. */
export function multipart(content: Buffer): [body: Buffer, headers: Record<string, string>] {
  const head =
    '--XYZ\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--XYZ--\r\n')]);
  return [body, { 'content-type': 'multipart/form-data; boundary=XYZ' }];
}
