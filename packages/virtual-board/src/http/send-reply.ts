import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { pipeline } from 'node:stream/promises';
import type { Reply } from './reply.js';

/** Puts a reply on the wire; resolves when it is handed to the socket or the client is gone. */
export async function sendReply(response: ServerResponse | Http2ServerResponse, reply: Reply): Promise<void> {
  // The daemon's framework leaves `connection: keep-alive` out.
  if ('assignSocket' in response) response.removeHeader('connection');
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  response.statusCode = reply.status;
  if (typeof reply.body !== 'string') {
    // A client that leaves in the middle is not an error of the board.
    await pipeline(reply.body, response).catch(() => undefined);
    return;
  }
  const body = Buffer.from(reply.body, 'utf8');
  response.setHeader('content-length', body.length);
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.end(body, () => resolve());
  });
}
