import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { EventLog } from './event-log.js';

/** Something passes at least so often, so that nothing on the way takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

/**
 * Tells the events of a run as server-sent events, from the one on that the browser had last: each message is an array of
 * them, with the last one's `seq` as its id.
 *
 * @param signal - ends it
 */
export async function streamEvents(
  log: EventLog,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const ended = AbortSignal.any([signal, gone.signal]);
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write('retry: 1000\n\n');
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
  try {
    const events = log.follow(lastSeen(request), ended);
    let next = await events.next();
    while (next.done !== true) {
      const id = next.value.at(-1)?.seq ?? -1;
      if (!response.write(`id: ${id}\ndata: ${JSON.stringify(next.value)}\n\n`))
        await once(response, 'drain', { signal: ended });
      next = await events.next();
    }
    response.end(`event: end\ndata: ${JSON.stringify(next.value)}\n\n`);
    await finished(response);
  } catch (error) {
    response.destroy();
    if (!ended.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

function lastSeen({ headers }: IncomingMessage): number {
  const id = headers['last-event-id'];
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : -1;
}
