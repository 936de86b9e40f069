import { setTimeout as sleep } from 'node:timers/promises';
import type { BoardUseOptions } from '@turingpi/bmc';
import { nodeName, NODE_IDS, type NodeId } from '@turingpi/foundation';
import { type BoardOptions, openBoard, type OpenedBoard } from '../../board/open-board.js';
import { shutDown, type Stopped } from '../../board/shut-down.js';
import { waitsOn } from '../../board/waits-on.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { printableLines } from '../../render/printable.js';

export type PowerAction = 'on' | 'off' | 'cycle' | 'reset' | 'status';

export interface PowerOptions extends BoardOptions {
  readonly node?: readonly NodeId[];
  /** Cut the power of running systems instead of shutting them down. */
  readonly hard?: boolean;
  /** Wait until a flash of the nodes has ended, instead of refusing. */
  readonly wait?: boolean;
}

/** How long the power stays off between off and on: regulators have to drop. */
const CYCLE_PAUSE_MS = 2000;

/**
 * `turingpi node power`: switches the nodes that were named, or tells what the board keeps as their state. Off is a shutdown
 * over SSH first, where that is possible.
 */
export async function nodePower(
  action: PowerAction,
  options: PowerOptions,
  terminal: Terminal,
): Promise<number> {
  if (action !== 'status' && options.node === undefined)
    throw new UsageError(
      `node power ${action} needs --node: it acts on nodes that are named, and on no other`,
      `Example: turingpi node power ${action} --node 2; all four are --node all.`,
    );
  if (options.hard === true && action !== 'off' && action !== 'cycle')
    throw new UsageError(
      `--hard belongs to node power off and node power cycle, not to node power ${action}`,
    );
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const nodes = options.node ?? [];
  const use = { touches: nodes, wait: options.wait, signal, onWait: waitsOn(terminal) };
  // Looked at before a system is shut down, and once more directly before its power is cut.
  const stopped =
    action === 'status'
      ? new Map<NodeId, Stopped>()
      : await board.useBoard({ ...use, unlocked: true, switchesOn: action !== 'off' }, () =>
          act(action, nodes, { ...options, opened, signal, use }),
        );
  const states = await board.power.get({ signal });
  const shown = Object.fromEntries(NODE_IDS.map((id) => [`node${id}`, states[id]]));
  const off = Object.fromEntries([...stopped].map(([id, how]) => [`node${id}`, how]));
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ power: shown, ...(stopped.size > 0 && { stopped: off }) })}\n`
      : printableLines(
          [...[...stopped].map(describe), ...NODE_IDS.map((id) => `Node${id}: ${states[id]}`), ''].join('\n'),
        ),
  );
  return EXIT.ok;
}

type Acting = Pick<PowerOptions, 'hard'> & {
  readonly opened: OpenedBoard;
  readonly signal: AbortSignal;
  readonly use: BoardUseOptions;
};

/** @returns how each node that was switched off was stopped */
async function act(
  action: PowerAction,
  nodes: readonly NodeId[],
  { opened, hard = false, signal, use }: Acting,
): Promise<ReadonlyMap<NodeId, Stopped>> {
  const { client } = opened;
  const { power: api } = client;
  const switchOn = async (reset: boolean): Promise<void> => {
    for (const id of nodes)
      await client.switchOn(id, { signal, reset, ...(use.onWait && { onWait: use.onWait }) });
  };
  const stopped = new Map<NodeId, Stopped>();
  if (action === 'on' || action === 'reset') await switchOn(action === 'reset');
  if (action !== 'off' && action !== 'cycle') return stopped;
  const before = await api.get({ signal });
  await Promise.all(
    nodes.map(async (id) => {
      if (before[id] === 'off') stopped.set(id, { how: 'was off' });
      else if (hard) stopped.set(id, { how: 'cut', why: '--hard' });
      else stopped.set(id, await shutDown(id, opened, signal));
    }),
  );
  await client.useBoard(use, () => api.set(Object.fromEntries(nodes.map((id) => [id, false])), { signal }));
  for (const id of nodes) await client.bootEnded(id);
  if (action === 'cycle') {
    await sleep(CYCLE_PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    await switchOn(false);
  }
  return new Map(nodes.flatMap((id) => [...stopped].filter(([key]) => key === id)));
}

function describe([id, stopped]: [NodeId, Stopped]): string {
  const name = nodeName(id);
  if (stopped.how === 'was off') return `${name} was off already.`;
  if (stopped.how === 'shut down') return `${name} was shut down, then switched off.`;
  return `The power of ${name} was cut (${stopped.why}).`;
}
