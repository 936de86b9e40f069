import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Answers a head that the daemon's framework does not take, and closes. */
export function refuse(socket: Socket, status: 400 | 431): void {
  if (socket.destroyed || !socket.writable) return;
  const reason = status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
  const date = new Date().toUTCString();
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-length: 0\r\nconnection: close\r\ndate: ${date}\r\n\r\n`,
    () => socket.destroy(),
  );
}

/** A request whose method Node does not know, while any word is one for the daemon; without its body. */
export function headOf(bytes: Buffer, socket: TLSSocket): IncomingMessage | undefined {
  const [requestLine = '', ...lines] = (bytes.toString('latin1').split('\r\n\r\n')[0] ?? '').split('\r\n');
  const [, method, url] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.[01]$/.exec(requestLine) ?? [];
  if (method === undefined || url === undefined) return undefined;
  const message = new IncomingMessage(socket);
  Object.assign(message, {
    method,
    url,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    complete: true,
  });
  for (const line of lines) {
    const colon = line.indexOf(':');
    message.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  message.push(null);
  return message;
}
