import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Exchange } from './recording.js';
import { ReplyReader } from './reply-reader.js';

/** What came back, header names in lower case. */
export interface ReceivedReply {
  readonly version: 1 | 2;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A reply, or the connection's end without one. */
export type SentReply = ReceivedReply | 'closed';

/** Where and from which address to send. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
}

/** A way to send a request. */
export type Sender = (exchange: Exchange, target: Target) => Promise<SentReply>;

/** Clients of different makes, none of them ours. */
export const SENDERS: Readonly<Record<string, Sender>> = {
  'raw socket': (exchange, target) => sendRaw(exchange, target, (socket, bytes) => void socket.write(bytes)),
  '1-byte writes': (exchange, target) => sendRaw(exchange, target, writeBytewise),
  'HTTP/2': sendHttp2,
  curl: sendCurl,
};

/** The request as it goes over an HTTP/1.1 connection. */
export function requestBytes(exchange: Exchange, host: string): Buffer {
  const body = Buffer.from(exchange.body ?? '', 'utf8');
  const headers: Record<string, string> = { Host: host, ...exchange.headers };
  if (body.length > 0 || exchange.method === 'POST') headers['Content-Length'] = String(body.length);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${exchange.method} ${exchange.target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'),
    body,
  ]);
}

/** Opens a connection as the scheme wants it. */
export async function openConnection(exchange: Pick<Exchange, 'scheme'>, target: Target): Promise<Socket> {
  const plain = exchange.scheme === 'http';
  const socket = plain ? connectTcp(target) : connectTls({ ...target, rejectUnauthorized: false });
  await once(socket, plain ? 'connect' : 'secureConnect');
  socket.setNoDelay(true);
  return socket;
}

async function sendRaw(
  exchange: Exchange,
  target: Target,
  write: (socket: Socket, bytes: Buffer) => void,
): Promise<SentReply> {
  const socket = await openConnection(exchange, target);
  try {
    const reader = new ReplyReader(socket);
    write(socket, requestBytes(exchange, `${target.host}:${target.port}`));
    return await reader.next(exchange.method);
  } finally {
    socket.destroy();
  }
}

function writeBytewise(socket: Socket, bytes: Buffer): void {
  for (const byte of bytes) socket.write(Buffer.from([byte]));
}

async function sendHttp2(exchange: Exchange, target: Target): Promise<SentReply> {
  if (exchange.scheme === 'http')
    return sendRaw(exchange, target, (socket, bytes) => void socket.write(bytes));
  const { host, port, localAddress } = target;
  const session = connectHttp2(`https://${host}:${port}`, {
    rejectUnauthorized: false,
    ...(localAddress !== undefined && { localAddress }),
  });
  session.on('error', () => undefined);
  try {
    const names = Object.entries(exchange.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    const stream = session.request(
      {
        ':method': exchange.method,
        ':path': exchange.target,
        ...(Object.fromEntries(names) as Record<string, string>),
      },
      { endStream: exchange.body === undefined }, // a GET may have a body
    );
    let headers: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
    stream.on('response', (received) => {
      headers = received;
    });
    const closed = once(stream, 'close').catch(() => undefined);
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (exchange.body !== undefined) stream.end(exchange.body);
    await closed;
    if (headers[':status'] === undefined) return 'closed';
    const plain = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
    return {
      version: 2,
      status: headers[':status'],
      headers: Object.fromEntries(plain) as Record<string, string>,
      body: Buffer.concat(chunks),
    };
  } finally {
    session.destroy();
  }
}

async function sendCurl(exchange: Exchange, target: Target): Promise<SentReply> {
  const url = `${exchange.scheme ?? 'https'}://${target.host}:${target.port}${exchange.target}`;
  const headers = { Expect: '', ...(exchange.headers?.['Content-Type'] ? {} : { 'Content-Type': '' }) };
  const args = [
    ...['--silent', '--insecure', '--include', '--http1.1', '--globoff', '--path-as-is'],
    ...Object.entries({ ...headers, ...exchange.headers }).flatMap(([name, value]) => [
      '-H',
      `${name}: ${value}`.trim(),
    ]),
    ...(exchange.method === 'HEAD' ? ['--head'] : ['-X', exchange.method]),
    ...(exchange.body === undefined ? [] : ['--data-binary', exchange.body]),
    ...(target.localAddress === undefined ? [] : ['--interface', target.localAddress]),
    url,
  ];
  return new Promise((resolve, reject) => {
    execFile('curl', args, { encoding: 'buffer', maxBuffer: 1 << 24 }, (error, stdout) => {
      if (error?.code === 52)
        resolve('closed'); // CURLE_GOT_NOTHING
      else if (error) reject(new Error(`curl failed: ${error.message}`, { cause: error }));
      else resolve(parseIncluded(stdout));
    });
  });
}

function parseIncluded(bytes: Buffer): ReceivedReply {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    version: 1,
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: bytes.subarray(end + 4),
  };
}
