import { pipeline } from 'node:stream/promises';
import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { readBody } from '../http/read-body.js';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, okSchema, setCall } from './bmc-call.js';
import {
  type AboutBoard,
  aboutSchema,
  type BoardInfo,
  type FirmwareSlots,
  firmwareSlotsSchema,
  infoSchema,
  type NodeNotes,
  nodeInfoSchema,
  type OtherInfo,
  otherSchema,
  type SdCard,
  type SdCardFile,
  sdCardFilesSchema,
  sdCardSchema,
} from './board-schemas.js';
import { type PageOptions, type PublicPages, readPublicInfo, readPublicPages } from './public-pages.js';
import { expectEmpty, replyError, resultOf } from './reply.js';

/** The board and its controller (docs/reference/bmc-protocol.md, "Information" and "Control of the BMC"). */
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
   * The page that needs no login, on plain HTTP: for discovery. The vendor's firmware has it.
   *
   * @throws BmcError BMC_UNREACHABLE when nothing answers, BMC_NOT_SUPPORTED when something else does
   */
  async publicInfo(options: PageOptions = {}): Promise<OtherInfo> {
    return await readPublicInfo(this.session.transport.endpoint, options);
  }

  /** Everything that a board shows without a login, for telling a blocked API from an absent board; never throws. */
  async publicPages(options: PageOptions = {}): Promise<PublicPages> {
    return await readPublicPages(this.session.transport.endpoint, options);
  }

  /** Which firmware runs, was before, and waits for the next boot. The fork. */
  async firmwareSlots(options: CallOptions = {}): Promise<FirmwareSlots> {
    const reply = await this.session.call(getCall('firmware_slots', {}, options));
    return resultOf(reply, firmwareSlotsSchema, 'firmware slots');
  }

  /**
   * What lies on the microSD card of the BMC. The fork from 2.34 on.
   *
   * @param path - of a directory, relative to the card
   * @throws BmcError BMC_SDCARD_UNAVAILABLE when none is mounted, BMC_REQUEST_REFUSED when there is no such directory
   */
  async sdCardFiles(path?: string, options: CallOptions = {}): Promise<readonly SdCardFile[]> {
    const reply = await this.session.call(getCall('sdcard_files', { path }, options));
    return resultOf(reply, sdCardFilesSchema, 'files on the microSD card');
  }

  async #set(type: string, parameters: Record<string, string>, options: CallOptions): Promise<void> {
    const call = setCall(type, parameters, { ...options, idempotent: false });
    resultOf(await this.session.call(call), okSchema, type);
  }
}
