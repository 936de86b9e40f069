import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** What a route answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes known beforehand, or a stream sent in chunks. */
  readonly body: string | Readable;
  /** Runs once the reply is out, for example a restart. */
  readonly afterwards?: () => void;
}

/** The daemon's task dies: the connection is closed and nothing is answered. */
export const NO_REPLY = Symbol('connection closed without a reply');

/** Bytes that take over the connection and end it, as a websocket session does. */
export interface TakeOver {
  readonly status: 101;
  readonly bytes: Buffer;
}

/** A connection that somebody else speaks on from here on, another protocol than HTTP. */
export interface Upgrade {
  readonly status: 101;
  readonly takeOver: (message: IncomingMessage | Http2ServerRequest, socket: Socket) => void;
}

/** An answer, a taken-over connection, or nothing at all. */
export type Outcome = Reply | TakeOver | Upgrade | typeof NO_REPLY;

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/**
 * `{"response":[{"result": ...}]}` as `application/json`: nearly every type answers so
 * (docs/reference/bmc-protocol.md, "Bodies and errors").
 */
export function envelope(result: unknown, status = 200): Reply {
  return jsonReply({ response: [{ result }] }, status);
}

/** `{"response":[{"result":"ok"}]}`. */
export function ok(): Reply {
  return envelope('ok');
}

export function jsonReply(value: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** Text, also JSON that the daemon serves as text. */
export function textReply(body: string, status = 200): Reply {
  return { status, headers: TEXT, body };
}

/** A problem document (RFC 9457), as the fork refuses with; its keys come sorted. */
export function problemReply(status: number, title: string, detail: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ detail, status, title, type: 'about:blank' }),
  };
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: '' };
}

/**
 * The web UI, which also answers for every path nobody knows (docs/reference/bmc-protocol.md, "Bodies and errors"). Its
 * files can only be read.
 */
export function webUi(method: string): Reply {
  if (method !== 'GET' && method !== 'HEAD')
    return textReply("Request did not meet this resource's requirements.", 405);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><title>BMC</title>\n',
  };
}
