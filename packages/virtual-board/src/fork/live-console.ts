import { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import type { BoardClock } from '../board/board-clock.js';
import type { NodeSlot } from '../hardware/node-slot.js';
import type { Upgrade } from '../http/reply.js';

const PING_EVERY_MS = 5000;
const SESSION_MS = 30_000;
const INTERNAL_ERROR = 1011;
const TIMEOUT_TEXT = 'client has not sent heartbeat in over 30s; disconnecting';
const BEARER = 'bmcd.bearer.';

/** The header that a handshake without one means by its subprotocols (docs/reference/bmc-protocol.md, "Fork: live console"). */
export function bearerOfSubprotocol(subprotocols: string | undefined): string | undefined {
  const bearer = namesOf(subprotocols).find((name) => name.startsWith(BEARER));
  return bearer === undefined ? undefined : `Bearer ${bearer.slice(BEARER.length)}`;
}

/**
 * `/api/bmc/serial/ws` of the fork: the handshake is answered at once, then raw bytes go both ways until the client leaves
 * or answers no ping for 30 seconds.
 */
export function liveConsole(slot: NodeSlot, clock: BoardClock): Upgrade {
  return {
    status: 101,
    takeOver: (message, socket) => {
      if (!(message instanceof IncomingMessage)) return void socket.destroy();
      const server = new WebSocketServer({ noServer: true, handleProtocols: plainName });
      server.handleUpgrade(message, socket, Buffer.alloc(0), (client) => {
        let heardAt = performance.now();
        const heard = (): void => void (heardAt = performance.now());
        const stop = slot.uart.follow((bytes) => client.send(Buffer.from(bytes)));
        const beat = setInterval(() => {
          if (performance.now() - heardAt > clock.limitMs(SESSION_MS))
            client.close(INTERNAL_ERROR, TIMEOUT_TEXT);
          else client.ping();
        }, clock.limitMs(PING_EVERY_MS));
        for (const event of ['ping', 'pong'] as const) client.on(event, heard);
        client.on('message', (data) => slot.sendConsole((data as Buffer).toString('utf8')));
        client.on('error', () => undefined); // its end follows
        client.once('close', () => {
          clearInterval(beat);
          stop();
        });
      });
    },
  };
}

/** The first name that is no credential is taken; none of them need be. */
function plainName(offered: Set<string>): string | false {
  return [...offered].find((name) => !name.startsWith(BEARER)) ?? false;
}

function namesOf(subprotocols: string | undefined): readonly string[] {
  return (subprotocols ?? '').split(',').map((name) => name.trim());
}
