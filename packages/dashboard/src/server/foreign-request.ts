import type { IncomingMessage } from 'node:http';

/** The port of HTTP. */
const USUAL_PORT = 80;

/**
 * Why a request is none of our page's, or nothing when it may be.
 *
 * @param port - that we listen on: a name that somebody points to this computer (DNS rebinding) is another host
 */
export function foreignRequest(
  { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
  port: number,
): string | undefined {
  const names = ['127.0.0.1', 'localhost'];
  const hosts = [
    ...names.map((name) => `${name}:${port}`),
    ...(port === USUAL_PORT ? names : []), // which browsers leave out
  ];
  const { host = '', origin } = headers;
  if (!hosts.includes(host)) return 'This page is served to this computer alone, by its own name.';
  // Requests that only look carry no origin; what a browser says of itself then is where they are from.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'Another page asked for this.';
  if (origin === undefined && method === 'GET') return undefined;
  return origin === `http://${host}` ? undefined : 'Another page asked for this.';
}
