import { setTimeout as sleep } from 'node:timers/promises';
import type { BmcClient } from '@turingpi/bmc';
import { nodeName, NODE_IDS, type NodeId } from '@turingpi/core';
import { type BoardOptions, locateBoard, type OpenedBoard } from '../../board/open-board.js';
import { shutDown, type Stopped } from '../../board/shut-down.js';
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
}

/** How long the power stays off between off and on: regulators have to drop. */
const CYCLE_PAUSE_MS = 2000;

/**
 * `turingpi power`: switches the nodes that were named, or tells what the board keeps as their state. Off is a shutdown
 * over SSH first, where that is possible.
 */
export async function power(action: PowerAction, options: PowerOptions, terminal: Terminal): Promise<number> {
  if (action !== 'status' && options.node === undefined)
    throw new UsageError(
      `power ${action} needs --node: it acts on nodes that are named, and on no other`,
      `Example: turingpi power ${action} --node 2; all four are --node all.`,
    );
  if (options.hard === true && action !== 'off' && action !== 'cycle')
    throw new UsageError(`--hard belongs to power off and power cycle, not to power ${action}`);
  const opened = await locateBoard(options, terminal);
  await using board = opened.client;
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const nodes = options.node ?? [];
  const stopped = await act(action, nodes, { ...options, opened, signal });
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

type Acting = Pick<PowerOptions, 'hard'> & { readonly opened: OpenedBoard; readonly signal: AbortSignal };

/** @returns how each node that was switched off was stopped */
async function act(
  action: PowerAction,
  nodes: readonly NodeId[],
  { opened, hard = false, signal }: Acting,
): Promise<ReadonlyMap<NodeId, Stopped>> {
  const { power: api } = opened.client;
  const stopped = new Map<NodeId, Stopped>();
  if (action === 'on') await switchAll(api, nodes, true, signal);
  if (action === 'reset') for (const node of nodes) await api.reset(node, { signal });
  if (action !== 'off' && action !== 'cycle') return stopped;
  const before = await api.get({ signal });
  await Promise.all(
    nodes.map(async (id) => {
      if (before[id] === 'off') stopped.set(id, { how: 'was off' });
      else if (hard) stopped.set(id, { how: 'cut', why: '--hard' });
      else stopped.set(id, await shutDown(id, opened, signal));
    }),
  );
  await switchAll(api, nodes, false, signal);
  if (action === 'cycle') {
    await sleep(CYCLE_PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    await switchAll(api, nodes, true, signal);
  }
  return new Map(nodes.flatMap((id) => [...stopped].filter(([key]) => key === id)));
}

function switchAll(
  api: BmcClient['power'],
  nodes: readonly NodeId[],
  on: boolean,
  signal: AbortSignal,
): Promise<void> {
  return api.set(Object.fromEntries(nodes.map((id) => [id, on])), { signal });
}

function describe([id, stopped]: [NodeId, Stopped]): string {
  const name = nodeName(id);
  if (stopped.how === 'was off') return `${name} was off already.`;
  if (stopped.how === 'shut down') return `${name} was shut down, then switched off.`;
  return `The power of ${name} was cut (${stopped.why}).`;
}
