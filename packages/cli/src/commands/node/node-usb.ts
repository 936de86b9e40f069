import type { UsbMode } from '@turingpi/bmc';
import type { NodeId } from '@turingpi/foundation';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { waitsOn } from '../../board/waits-on.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';

/** `turingpi node usb`: shows or sets what the board's USB is connected to. */
export async function nodeUsb(
  mode: UsbMode | 'status',
  options: BoardOptions & {
    readonly node?: readonly NodeId[];
    readonly bmc?: boolean;
    readonly wait?: boolean;
  },
  terminal: Terminal,
): Promise<number> {
  const [node, ...others] = options.node ?? [];
  if (mode !== 'status' && (node === undefined || others.length > 0))
    throw new UsageError(
      `node usb ${mode} needs --node with one node`,
      `Example: turingpi node usb ${mode} --node 1`,
    );
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  if (mode !== 'status' && node !== undefined)
    await board.useBoard({ touches: 'board', wait: options.wait, onWait: waitsOn(terminal) }, () =>
      board.usb.set({ node, mode, route: options.bmc === true ? 'bmc' : 'port' }),
    );
  const state = await board.usb.get();
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ usb: state })}\n`
      : `Node${state.node} as ${state.mode}, routed to the ${state.route === 'bmc' ? 'BMC' : 'USB port'}${
          state.bus === undefined
            ? ''
            : ` (${state.bus === 'hub' ? 'hub, board 2.5' : 'single bus, board 2.4'})`
        }\n`,
  );
  return EXIT.ok;
}
