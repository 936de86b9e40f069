import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { BmcError } from '../errors/bmc-error.js';
import type { BoardIdentity } from './board-identity.js';

/** Where a BMC is. */
export interface BmcEndpoint {
  /** Address or host name. */
  readonly host: string;
  readonly port: number;
  /** Port of the unauthenticated information page. */
  readonly httpPort: number;
  /** Port of the metrics that newer firmware shows without a login; default 9110. */
  readonly metricsPort?: number;
}

/** The name of a board in files and messages: `host:port`, lower case. */
export function endpointKey({ host, port }: Pick<BmcEndpoint, 'host' | 'port'>): string {
  const name = host.toLowerCase();
  return `${name.includes(':') ? `[${name}]` : name}:${String(port)}`;
}

/** A connection whose peer was verified. */
export interface VerifiedConnection {
  readonly socket: TLSSocket;
  /**
   * Closes it with a reset. An ordinary close waits behind what was written: while the peer reads nothing, as the BMC
   * does when its eMMC hangs, it would not be noticed.
   */
  reset(): void;
}

/** Options of {@link openVerified}. */
export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Limit for connecting and the handshake. */
  readonly timeoutMs: number;
  /** Decides about the peer before anything is written; throws to refuse it. */
  readonly verify: (socket: TLSSocket) => Promise<unknown>;
  /** What `verify` needs of the handshake. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'checkServerIdentity'>;
}

/**
 * Opens a TLS connection and has the peer verified before any byte of a request is written.
 *
 * @throws BmcError BMC_UNREACHABLE, BMC_PROTOCOL, and whatever `verify` throws; the socket is closed then
 */
export async function openVerified(
  endpoint: BmcEndpoint,
  options: ConnectOptions,
): Promise<VerifiedConnection> {
  options.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const tcp = connectTcp({ host: endpoint.host, port: endpoint.port, noDelay: true });
  const socket = connect({
    socket: tcp,
    minVersion: 'TLSv1.2', // the daemon has no other; a later one may have TLS 1.3
    ALPNProtocols: ['http/1.1'],
    ...options.tls,
    rejectUnauthorized: false, // `verify` below decides: mostly by the key alone
  });
  // From the first moment to the last: a reset may come while nobody waits for anything of it, as during `verify`.
  for (const one of [tcp, socket]) one.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    await options.verify(socket);
    signal.throwIfAborted();
  } catch (cause) {
    socket.destroy();
    tcp.destroy();
    options.signal?.throwIfAborted();
    throw connectionError(endpoint, timeout.aborted ? timeout.reason : cause);
  }
  tcp.setKeepAlive(true, 10_000);
  return {
    socket,
    reset: () => {
      // One whose end is under way cannot be reset: libuv refuses, and Node then waits for it for ever when it exits.
      if (!socket.writableEnded) tcp.resetAndDestroy();
      socket.destroy();
    },
  };
}

/** Reads who answers at an endpoint, without sending it anything. For showing it to the user before `trust`. */
export async function presentedIdentity(
  endpoint: BmcEndpoint,
  options: Omit<ConnectOptions, 'verify'>,
): Promise<BoardIdentity> {
  const { identityOf } = await import('./board-identity.js');
  const { socket } = await openVerified(endpoint, { ...options, verify: () => Promise.resolve() });
  try {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw new BmcError('BMC_PROTOCOL', `${endpointKey(endpoint)} presented no certificate`);
    return identityOf(certificate);
  } finally {
    socket.destroy();
  }
}

/** Puts a failure to connect into words. */
export function connectionError(endpoint: BmcEndpoint, cause: unknown): unknown {
  if (BmcError.is(cause)) return cause;
  const key = endpointKey(endpoint);
  const code = errorCodeOf(cause);
  const name = cause instanceof Error ? cause.name : String(cause);
  if (code?.startsWith('ERR_SSL') === true || code === 'EPROTO') {
    return new BmcError('BMC_PROTOCOL', `${key} does not speak TLS as a BMC does (${code})`, {
      cause,
      hint: 'Check the port of the BMC: its API is on HTTPS, port 443 unless configured otherwise.',
    });
  }
  const reason =
    name === 'TimeoutError'
      ? 'no answer in time'
      : code === 'ECONNREFUSED'
        ? 'connection refused'
        : (code ?? name);
  return new BmcError('BMC_UNREACHABLE', `cannot reach the BMC at ${key}: ${reason}`, {
    cause,
    hint: hintFor(code),
  });
}

/** The code that Node gives an error. The `code` of a DOMException, such as that of a timeout, is a number. */
export function errorCodeOf(cause: unknown): string | undefined {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

function hintFor(code: string | undefined): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The name cannot be resolved: give the address of the BMC, as `ip` of a configuration or with --host.';
  if (code === 'ECONNREFUSED') {
    return 'The machine answers but the daemon does not listen there. On the BMC, `/etc/init.d/S94bmcd restart` starts it again; it may switch nodes off and on.';
  }
  return 'Check the address and that the board has power and network.';
}
