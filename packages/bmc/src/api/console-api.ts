import type { Duplex } from 'node:stream';
import type { NodeId } from '@turingpi/foundation';
import { z } from 'zod';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, okSchema, setCall, wireNode } from './bmc-call.js';
import { bareJsonOf, envelopeOf, resultOf } from './reply.js';
import type { LiveConsoleOptions } from '../console/live-console.js';
import { BmcError } from '../errors/bmc-error.js';

/** How the BMC decodes the bytes of the serial line. */
export type ConsoleEncoding = 'utf8' | 'utf16le' | 'utf16be' | 'utf32le' | 'utf32be';

/** The nodes' serial consoles (docs/reference/bmc-protocol.md, "Serial console"). */
export class ConsoleApi {
  constructor(private readonly session: BmcSession) {}

  /**
   * The last 16 KiB that the node printed.
   *
   * @remarks From firmware 2.3 on, reading leaves the buffer as it is; before, it empties it.
   */
  async read(
    node: NodeId,
    options: CallOptions & { readonly encoding?: ConsoleEncoding } = {},
  ): Promise<string> {
    const { encoding, ...call } = options;
    const what = `console of node ${node}`;
    const reply = await this.session.call(getCall('uart', { node: wireNode(node), encoding }, call));
    const { uart } = envelopeOf(reply, what);
    if (typeof uart !== 'string')
      throw new BmcError('BMC_PROTOCOL', `${what}: the BMC answered without text`);
    return uart;
  }

  /** Types one line; the BMC adds CR and LF, always. */
  async send(node: NodeId, line: string, options: CallOptions = {}): Promise<void> {
    const call = setCall('uart', { node: wireNode(node), cmd: line }, { ...options, idempotent: false });
    resultOf(await this.session.call(call), okSchema, `console of node ${node}`);
  }

  /**
   * A live terminal, until its stream is destroyed, its signal fires or the BMC ends it: what the node prints from now on
   * as bytes, and what is written is typed as it is. The fork from 2.4 on.
   *
   * @throws BmcError BMC_NOT_SUPPORTED, BMC_REQUEST_REFUSED and others when no such console is opened
   */
  async open(node: NodeId, options: LiveConsoleOptions): Promise<Duplex> {
    const { openLiveConsole } = await import('../console/live-console.js');
    return await openLiveConsole(this.session, node, options);
  }

  /** The state of the four serial workers, in slot order. Firmware 2.3 and newer. */
  async status(options: CallOptions = {}): Promise<readonly string[]> {
    const reply = await this.session.call({
      ...options,
      name: 'serial status',
      method: 'POST',
      path: '/api/bmc/serial/status',
      idempotent: true,
    });
    return bareJsonOf(reply, z.array(z.string()), 'serial status');
  }
}
