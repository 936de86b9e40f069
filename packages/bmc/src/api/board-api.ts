import { request as httpRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { NODE_IDS, type NodeId } from '@turingpi/core/plugin';
import { BmcError } from '../errors/bmc-error.js';
import { readBody } from '../http/read-body.js';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { connectionError } from '../tls/verified-connection.js';
import { getCall, okSchema, setCall } from './bmc-call.js';
import {
  type AboutBoard,
  aboutSchema,
  type BoardInfo,
  infoSchema,
  type NodeNotes,
  nodeInfoSchema,
  type OtherInfo,
  otherSchema,
  type SdCard,
  sdCardSchema,
} from './board-schemas.js';
import { expectEmpty, replyError, resultOf } from './reply.js';

/** The board and its controller (API reference, sections 5.3 and 5.6). */
export class BoardApi {
  constructor(private readonly session: BmcSession) {}

  /** Versions and names. Firmware 2.0.2 and newer. */
  async about(options: CallOptions = {}): Promise<AboutBoard> {
    return resultOf(await this.session.call(getCall('about', {}, options)), aboutSchema, 'about');
  }

  /** Addresses and storage of the BMC. */
  async info(options: CallOptions = {}): Promise<BoardInfo> {
    return resultOf(await this.session.call(getCall('info', {}, options)), infoSchema, 'info');
  }

  /** The deprecated form of {@link about}, which every firmware has. */
  async other(options: CallOptions = {}): Promise<OtherInfo> {
    return resultOf(await this.session.call(getCall('other', {}, options)), otherSchema, 'other');
  }

  /** The BMC's clock, to the second; undefined when it does not tell. */
  async clock(options: CallOptions = {}): Promise<Date | undefined> {
    const { headers } = await this.session.call(getCall('other', {}, options));
    const at = Date.parse(headers.date ?? '');
    return Number.isNaN(at) ? undefined : new Date(at);
  }

  /** What people noted about the modules. Firmware 2.3 and newer. */
  async nodeNotes(options: CallOptions = {}): Promise<Readonly<Record<NodeId, NodeNotes>>> {
    const reply = await this.session.call(getCall('node_info', {}, options));
    const [one, two, three, four] = resultOf(reply, nodeInfoSchema, 'node info') as [
      NodeNotes,
      NodeNotes,
      NodeNotes,
      NodeNotes,
    ];
    return { 1: one, 2: two, 3: three, 4: four };
  }

  /** Notes something about modules; a field can be changed but never cleared. */
  async setNodeNotes(
    notes: Partial<Record<NodeId, Partial<Pick<NodeNotes, 'name' | 'moduleName' | 'uartBaud'>>>>,
    options: CallOptions = {},
  ): Promise<void> {
    const body = Object.fromEntries(
      NODE_IDS.flatMap((id) => {
        const note = notes[id];
        if (!note) return [];
        return [[`Node${id}`, { name: note.name, module_name: note.moduleName, uart_baud: note.uartBaud }]];
      }),
    );
    const reply = await this.session.call({
      ...options,
      name: 'set node_info',
      method: 'POST',
      path: '/api/bmc?opt=set&type=node_info',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      idempotent: true,
    });
    expectEmpty(reply, 'node info');
  }

  /** @throws BmcError BMC_SDCARD_UNAVAILABLE when there is none */
  async sdCard(options: CallOptions = {}): Promise<SdCard> {
    return resultOf(await this.session.call(getCall('sdcard', {}, options)), sdCardSchema, 'microSD card');
  }

  /** Restarts the network of the BMC a second later; on firmware 2.0 that of the nodes as well. */
  async resetNetwork(options: CallOptions = {}): Promise<void> {
    await this.#set('network', { cmd: 'reset' }, options);
  }

  /** Restarts the BMC; nodes of v2.4 boards lose power. It is back after about a minute. */
  async reboot(options: CallOptions = {}): Promise<void> {
    await this.#set('reboot', {}, options);
  }

  /** Restarts the daemon: sessions, bans and the state of a transfer are gone, nodes may be switched off and on. */
  async reload(options: CallOptions = {}): Promise<void> {
    try {
      await this.#set('reload', {}, options);
    } catch (cause) {
      // The daemon may end before its answer is out.
      if (!BmcError.hasCode(cause, 'BMC_CONNECTION_LOST')) throw cause;
    }
  }

  /**
   * Writes the backup of the BMC's settings, a tar.gz, to a stream.
   *
   * @remarks It holds password hashes and the TLS key of the board: keep it as you would keep those.
   */
  async backup(destination: NodeJS.WritableStream, options: CallOptions = {}): Promise<void> {
    await this.other(options); // so that the session is known to be alive
    await this.session.stream(
      { ...options, name: 'backup', method: 'GET', path: '/api/bmc/backup', idempotent: true },
      async (reply) => {
        if (reply.statusCode !== 200 || !(reply.headers['content-type'] ?? '').includes('gzip')) {
          const body = await readBody(reply, options.signal);
          throw replyError({ status: reply.statusCode ?? 0, headers: reply.headers, body }, 'backup');
        }
        let broken: unknown;
        reply.once('error', (cause) => (broken = cause));
        try {
          await pipeline(reply, destination, options.signal ? { signal: options.signal } : {});
        } catch (cause) {
          options.signal?.throwIfAborted();
          // What the destination fails with, a full disk, is its own word.
          throw broken === undefined ? cause : this.session.transport.failure(broken);
        }
      },
    );
  }

  /**
   * The page that needs no login, on plain HTTP: for discovery and for telling a blocked API from an absent board.
   *
   * @throws BmcError BMC_UNREACHABLE when nothing answers, BMC_NOT_SUPPORTED when something else does
   */
  async publicInfo(options: CallOptions & { readonly timeoutMs?: number } = {}): Promise<OtherInfo> {
    let refused: unknown;
    for (const path of ['/info', '/api/bmc/info']) {
      try {
        return await this.#publicInfoAt(path, options);
      } catch (cause) {
        if (!BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED', 'BMC_PROTOCOL')) throw cause;
        refused ??= cause;
      }
    }
    throw refused;
  }

  async #publicInfoAt(
    path: string,
    { signal, timeoutMs = 5000 }: CallOptions & { readonly timeoutMs?: number },
  ): Promise<OtherInfo> {
    const { host, httpPort } = this.session.transport.endpoint;
    const limit = AbortSignal.timeout(timeoutMs);
    const either = signal ? AbortSignal.any([signal, limit]) : limit;
    try {
      const message = await new Promise<Parameters<typeof readBody>[0]>((resolve, reject) => {
        httpRequest({ host, port: httpPort, path, signal: either, agent: false })
          .once('response', resolve)
          .on('error', reject)
          .end();
      });
      const body = await readBody(message, either);
      const reply = { status: message.statusCode ?? 0, headers: message.headers, body };
      if (reply.status === 308) throw new BmcError('BMC_NOT_SUPPORTED', `no information page at ${path}`);
      return resultOf(reply, otherSchema, 'information page');
    } catch (cause) {
      signal?.throwIfAborted();
      throw connectionError({ host, port: httpPort, httpPort }, limit.aborted ? limit.reason : cause);
    }
  }

  async #set(type: string, parameters: Record<string, string>, options: CallOptions): Promise<void> {
    const call = setCall(type, parameters, { ...options, idempotent: false });
    resultOf(await this.session.call(call), okSchema, type);
  }
}
