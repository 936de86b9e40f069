import type { IncomingMessage } from 'node:http';
import { Watchdog } from '../api/watchdog.js';

/**
 * Ends a reply whose peer stops in the middle of it.
 *
 * @param limitMs - how long nothing may come while somebody waits for it, in milliseconds
 * @param error - what reading the reply then fails with
 */
export function limitSilence(message: IncomingMessage, limitMs: number, error: () => Error): void {
  const { socket } = message; // Node takes it away from a reply that has ended
  let turns = 0;
  // A reader that takes its time is no silence of the peer.
  const watchdog = new Watchdog(limitMs, () =>
    message.readableLength > 0 ? socket.bytesRead + ++turns : socket.bytesRead + turns,
  );
  void watchdog.stalled.then(() => message.destroy(error()));
  message.once('close', () => watchdog.stop());
}
