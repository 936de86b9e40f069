import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NodeId } from '@turingpi/foundation';
import type { WebSocket } from 'ws';
import { wireNode } from '../api/bmc-call.js';
import { replyError } from '../api/reply.js';
import { BmcError } from '../errors/bmc-error.js';
import type { HttpReply } from '../http/http-transport.js';
import { readBody } from '../http/read-body.js';
import type { Access, BmcSession } from '../session/bmc-session.js';

/** The daemon pings every 5 s and gives a client up after 30 s without an answer; so do we with it. */
const SILENCE_MS = 30_000;
const BEATS_IN_SILENCE = 6;

/** Options of {@link openLiveConsole}. */
export interface LiveConsoleOptions {
  /** Ends the opening, and the console with it. */
  readonly signal: AbortSignal;
  /** After so long without a word of the BMC the console is ended, in milliseconds. Default 30,000. */
  readonly silenceMs?: number;
}

/**
 * Opens a node's serial console as a live terminal (docs/reference/bmc-protocol.md, "Fork: live console").
 *
 * @throws BmcError BMC_NOT_SUPPORTED when the BMC, or what is in front of it, opens no websocket
 */
export async function openLiveConsole(
  session: BmcSession,
  node: NodeId,
  options: LiveConsoleOptions,
): Promise<Duplex> {
  return await session.exclusively(
    async (access) => {
      let answer = await handshake(session, node, access.authorization, options);
      if ('refusal' in answer && (answer.refusal.status === 401 || answer.refusal.status === 429))
        answer = await handshake(session, node, await access.refused(answer.refusal), options);
      if ('stream' in answer) return answer.stream;
      throw refused(node, answer.refusal);
    },
    { signal: options.signal },
  );
}

type Handshake = { readonly stream: Duplex } | { readonly refusal: HttpReply };

async function handshake(
  { transport }: BmcSession,
  node: NodeId,
  headers: Access['authorization'],
  { signal, silenceMs = SILENCE_MS }: LiveConsoleOptions,
): Promise<Handshake> {
  const { WebSocket, createWebSocketStream } = await import('ws');
  const { socket } = await transport.openConnection(signal);
  // Its peer is verified, and no name of it is looked up: to the library it is a plain connection to anybody.
  const web = new WebSocket(`ws://bmc/api/bmc/serial/ws?node=${wireNode(node)}`, {
    createConnection: () => socket,
    headers,
    perMessageDeflate: false,
  });
  web.on('error', () => undefined); // the first one is told below, or by the stream
  const stop = (): void => web.terminate();
  signal.addEventListener('abort', stop, { once: true });
  web.once('close', () => signal.removeEventListener('abort', stop));
  try {
    const refusal = await new Promise<IncomingMessage | undefined>((resolve, reject) => {
      web.once('open', () => resolve(undefined)).once('error', reject);
      web.once('unexpected-response', (_request, response) => resolve(response));
    });
    if (refusal) {
      const { statusCode: status = 0, headers: replied } = refusal;
      return { refusal: { status, headers: replied, body: await readBody(refusal, signal) } };
    }
    endWhenSilent(web, silenceMs);
    const stream = createWebSocketStream(web);
    stream.on('error', () => undefined); // whoever reads or writes is told
    return { stream };
  } catch (cause) {
    throw transport.failure(cause, signal);
  } finally {
    if (web.readyState !== web.OPEN) web.terminate();
  }
}

/** A BMC that lost its power closes nothing. */
function endWhenSilent(web: WebSocket, silenceMs: number): void {
  let heardAt = performance.now();
  const heard = (): void => void (heardAt = performance.now());
  for (const event of ['ping', 'pong', 'message'] as const) web.on(event, heard);
  const beat = setInterval(() => {
    if (performance.now() - heardAt > silenceMs) web.terminate();
    else web.ping();
  }, silenceMs / BEATS_IN_SILENCE);
  web.once('close', () => clearInterval(beat));
}

function refused(node: NodeId, reply: HttpReply): BmcError {
  const what = `live console of node ${node}`;
  if (reply.status >= 300) return replyError(reply, what);
  return new BmcError('BMC_NOT_SUPPORTED', `${what}: this firmware does not have it`, {
    details: { status: reply.status },
  });
}
