import { NODE_IDS, type NodeId } from '@turingpi/core';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';

export type PowerAction = 'on' | 'off' | 'reset' | 'status';

/** `turingpi power`: switches nodes, or tells what the board keeps as their state. */
export async function power(
  action: PowerAction,
  options: BoardOptions & { readonly node?: readonly NodeId[] },
  terminal: Terminal,
): Promise<number> {
  if (action === 'reset' && options.node === undefined)
    throw new UsageError('power reset needs --node', 'Example: turingpi power reset --node 2');
  await using board = await openBoard(options, terminal);
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const nodes = options.node ?? NODE_IDS;
  if (action === 'reset') for (const node of nodes) await board.power.reset(node, { signal });
  else if (action !== 'status')
    await board.power.set(Object.fromEntries(nodes.map((id) => [id, action === 'on'])), { signal });
  const states = await board.power.get({ signal });
  const shown = Object.fromEntries(NODE_IDS.map((id) => [`node${id}`, states[id]]));
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ power: shown })}\n`
      : NODE_IDS.map((id) => `Node${id}: ${states[id]}\n`).join(''),
  );
  return EXIT.ok;
}
