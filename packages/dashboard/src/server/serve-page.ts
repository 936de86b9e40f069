import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DashboardError } from '../dashboard-error.js';
import { readBuiltPage } from '../page/built-page.js';
import { answer } from './dashboard-routes.js';
import { OneTimeToken } from './one-time-token.js';
import type { PageContent } from './page-content.js';

export interface ServePageOptions {
  /** Ends the serving, like disposing. */
  readonly signal: AbortSignal;
  /** On loopback. Default: one that is free */
  readonly port?: number;
}

export interface Dashboard extends AsyncDisposable {
  /** Opens the page once, in one tab of a browser: whoever has it sees all, and may cancel what can be cancelled. */
  readonly url: string;
  /** Settles when nothing more is told, and everybody who looks was told all. Never rejects. */
  readonly ended: Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/** Others of this computer get as far as this port: they must not take what works beside us has to open. */
const MOST_CONNECTIONS = 64;
/** Who connects and does not ask makes room again, in milliseconds. */
const ASKS_WITHIN = { headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 };

/**
 * Serves a page on loopback until it is disposed or the signal says so.
 *
 * @throws DashboardError `DASHBOARD_PAGE_MISSING` - in a clone in which the page was not built; `DASHBOARD_PORT_TAKEN` -
 * somebody listens there; `DASHBOARD_LISTEN_FAILED` - the system does not let us listen
 */
export async function servePage(
  content: PageContent,
  { signal, port = 0 }: ServePageOptions,
): Promise<Dashboard> {
  signal.throwIfAborted();
  const page = await readBuiltPage();
  const server = createServer(ASKS_WITHIN);
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, port);
  const address = server.address() as AddressInfo;
  const token = new OneTimeToken();
  const closing = new AbortController();
  const ended = AbortSignal.any([signal, closing.signal]);
  const filled = content.stream.fill(ended);
  const routes = { page, content, token, port: address.port, signal: ended };
  const open = new Set<Promise<void>>();
  server.on('request', (request, response) => {
    const answered = answer(routes, request, response)
      .catch(() => void response.destroy())
      .finally(() => open.delete(answered));
    open.add(answered);
  });

  const close = async () => {
    signal.removeEventListener('abort', onAbort);
    closing.abort();
    server.closeAllConnections();
    if (server.listening) await new Promise((closed) => server.close(closed));
    await filled;
  };
  const onAbort = () => void close();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    url: `http://${LOOPBACK}:${address.port}/?token=${token.token}`,
    ended: filled.then(async () => {
      await Promise.all(open);
    }),
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen({ host: LOOPBACK, port });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new DashboardError('DASHBOARD_PORT_TAKEN', `Port ${port} of ${LOOPBACK} is taken.`, {
        hint: 'Choose another port, or none: then one that is free is taken.',
        cause,
      });
    throw new DashboardError(
      'DASHBOARD_LISTEN_FAILED',
      `${LOOPBACK}:${port} cannot be listened on: ${code}.`,
      {
        hint: 'Ports under 1024 are for the administrator; without a port one that is free is taken.',
        cause,
      },
    );
  }
}
