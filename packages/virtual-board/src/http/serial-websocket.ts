import { createHash } from 'node:crypto';
import type { BoardClock } from '../board/board-clock.js';
import type { UartRing } from '../hardware/uart-ring.js';

const SESSION_MS = 30_000;
const PING_EVERY_MS = 5000;
const ACCEPT_KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const INTERNAL_ERROR = 1011;
const TIMEOUT_TEXT = 'client has not sent heartbeat in over 30s; disconnecting';

/**
 * A session of `/api/bmc/serial/ws` as bmcd 2.3.7 runs it: the whole of it before the handshake is answered, so that
 * everything arrives at once after 30 seconds (docs/reference/bmc-protocol.md, "Serial console").
 *
 * @returns What goes onto the connection, which is closed after it.
 */
export async function runSerialSession(key: string, uart: UartRing, clock: BoardClock): Promise<Buffer> {
  const frames: Buffer[] = [];
  const stop = uart.follow((bytes) => frames.push(frame(BINARY, bytes)));
  for (let waited = PING_EVERY_MS; waited <= SESSION_MS; waited += PING_EVERY_MS) {
    await clock.limit(PING_EVERY_MS);
    if (waited < SESSION_MS) frames.push(frame(PING, Buffer.alloc(0)));
  }
  stop();
  const reason = Buffer.alloc(2 + TIMEOUT_TEXT.length);
  reason.writeUInt16BE(INTERNAL_ERROR, 0);
  reason.write(TIMEOUT_TEXT, 2);
  const accept = createHash('sha1').update(`${key}${ACCEPT_KEY}`).digest('base64');
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'connection: Upgrade',
    'upgrade: websocket',
    `sec-websocket-accept: ${accept}`,
    `date: ${new Date().toUTCString()}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...frames, frame(CLOSE, reason)]);
}

function frame(opcode: number, payload: Buffer): Buffer {
  const final = 0x80 | opcode;
  if (payload.length < 126) return Buffer.concat([Buffer.from([final, payload.length]), payload]);
  const head = Buffer.alloc(4); // a console line never needs the 64-bit length: pieces are cut by the caller
  head.writeUInt8(final, 0);
  head.writeUInt8(126, 1);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
