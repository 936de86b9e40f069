import { request as httpRequest } from 'node:http';
import { BmcError } from '../errors/bmc-error.js';
import type { HttpReply } from '../http/http-transport.js';
import { readBody } from '../http/read-body.js';
import type { CallOptions } from '../session/call-options.js';
import { type BmcEndpoint, connectionError } from '../tls/verified-connection.js';
import { type OtherInfo, otherSchema } from './board-schemas.js';
import { resultOf } from './reply.js';

/** Where the fork tells its version without a login. */
const METRICS_PORT = 9110;
const VERSION = /^bmcd_build_info\{[^}]*\bversion="([^"]{1,64})"/m;

/** What a board shows to everybody, on plain HTTP. Nobody proves that it is true. */
export interface PublicPages {
  /** Whether anything answered, be it with a redirect. Silence proves nothing: firmware and firewalls differ. */
  readonly answers: boolean;
  /** The information page, which the vendor's firmware has. */
  readonly info?: OtherInfo;
  /** Version of the daemon, which the fork tells from 2.27 on. */
  readonly daemonVersion?: string;
}

/** Limits of asking; `timeoutMs` is for each page, default 5 s. */
export type PageOptions = CallOptions & { readonly timeoutMs?: number };

/** Reads what a board shows without a login; what does not answer in time is left out. */
export async function readPublicPages(endpoint: BmcEndpoint, options: PageOptions): Promise<PublicPages> {
  const { host, httpPort, metricsPort = METRICS_PORT } = endpoint;
  const attempt = (port: number, path: string): Promise<HttpReply | undefined> =>
    get(host, port, path, options).catch(() => undefined);
  const [page, metrics] = await Promise.all([attempt(httpPort, '/info'), attempt(metricsPort, '/metrics')]);
  options.signal?.throwIfAborted();
  // Daemons before 2.3 have it elsewhere.
  const earlier = page && !isInfo(page) ? await attempt(httpPort, '/api/bmc/info') : undefined;
  options.signal?.throwIfAborted();
  const info = [page, earlier].flatMap((reply) => infoIn(reply) ?? [])[0];
  const daemonVersion = metrics?.status === 200 ? VERSION.exec(metrics.body)?.[1] : undefined;
  return {
    answers: page !== undefined || daemonVersion !== undefined,
    ...(info === undefined ? {} : { info }),
    ...(daemonVersion === undefined ? {} : { daemonVersion }),
  };
}

/**
 * The information page of the vendor's firmware.
 *
 * @throws BmcError BMC_UNREACHABLE when nothing answers, BMC_NOT_SUPPORTED when the firmware has none, BMC_PROTOCOL when
 * something else answers
 */
export async function readPublicInfo(
  { host, httpPort }: BmcEndpoint,
  options: PageOptions,
): Promise<OtherInfo> {
  let refused: unknown;
  for (const path of ['/info', '/api/bmc/info']) {
    try {
      const reply = await get(host, httpPort, path, options);
      if (reply.status === 308) throw new BmcError('BMC_NOT_SUPPORTED', `no information page at ${path}`);
      return resultOf(reply, otherSchema, 'information page');
    } catch (cause) {
      if (!BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED', 'BMC_PROTOCOL')) throw cause;
      refused ??= cause;
    }
  }
  throw refused;
}

function isInfo(reply: HttpReply): boolean {
  return infoIn(reply) !== undefined;
}

function infoIn(reply: HttpReply | undefined): OtherInfo | undefined {
  if (!reply) return undefined;
  try {
    return resultOf(reply, otherSchema, 'information page');
  } catch {
    return undefined;
  }
}

async function get(
  host: string,
  port: number,
  path: string,
  { signal, timeoutMs = 5000 }: PageOptions,
): Promise<HttpReply> {
  const limit = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    const message = await new Promise<Parameters<typeof readBody>[0]>((resolve, reject) => {
      httpRequest({ host, port, path, signal: either, agent: false })
        .once('response', resolve)
        .on('error', reject)
        .end();
    });
    const body = await readBody(message, either);
    return { status: message.statusCode ?? 0, headers: message.headers, body };
  } catch (cause) {
    signal?.throwIfAborted();
    throw connectionError({ host, port, httpPort: port }, limit.aborted ? limit.reason : cause);
  }
}
