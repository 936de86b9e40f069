import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { PageStream } from './page-content.js';

/** Something passes at least so often, so that nothing on the way takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

/**
 * Tells what a page is about as server-sent events, after the message that the browser had last.
 *
 * @param signal - ends it
 */
export async function streamEvents(
  stream: PageStream,
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
    const messages = stream.follow(lastSeen(request), ended);
    let next = await messages.next();
    while (next.done !== true) {
      const { id, data } = next.value;
      if (!response.write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`))
        await once(response, 'drain', { signal: ended });
      next = await messages.next();
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
