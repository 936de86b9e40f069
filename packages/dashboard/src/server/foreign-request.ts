import type { IncomingMessage } from 'node:http';

/**
 * Why a request is none of our page's, or nothing when it may be.
 *
 * @param port - that we listen on: a name that somebody points to this computer (DNS rebinding) is another host
 */
export function foreignRequest({ headers, method }: IncomingMessage, port: number): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin } = headers;
  if (!hosts.includes(host)) return 'This page is served to this computer alone, by its own name.';
  // Requests that only look carry no origin; what a browser says of itself then is where they are from.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'Another page asked for this.';
  if (origin === undefined && method === 'GET') return undefined;
  return origin === `http://${host}` ? undefined : 'Another page asked for this.';
}
