import type { PhaseName } from '@turingpi/core';
import { nodeArgument, type NodeId, nodeName } from '@turingpi/foundation';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { openRecords, type StateCommandOptions } from './open-records.js';

/** `turingpi state forget NODE [PHASE]`: removes records; the node itself is left as it is. */
export async function stateForget(
  node: NodeId,
  phase: PhaseName | undefined,
  options: StateCommandOptions & { readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using opened = await openRecords(options, terminal);
  const { records } = opened;
  const what = phase === undefined ? nodeName(node) : `${phase} of ${nodeName(node)}`;
  const isForgotten = await confirm(
    `Remove everything on record of ${what} in ${records.location}?`,
    options,
    terminal,
  );
  if (!isForgotten) return EXIT.failed;
  await records.forget(node, phase);
  const isUnknown = phase === undefined || phase === 'os_installation';
  if (options.json === true) terminal.stdout.write(`${JSON.stringify({ forgotten: what, isUnknown })}\n`);
  else
    terminal.stdout.write(
      `forgotten: ${what}${isUnknown ? `; what is on its disk is unknown now: \`turingpi adopt ${nodeArgument(node, options.board)}\` asks it` : ''}\n`,
    );
  return EXIT.ok;
}
