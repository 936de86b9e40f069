import { PHASES } from '@turingpi/core';
import { type NodeId, nodeName } from '@turingpi/foundation';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';
import { openRecords, type StateCommandOptions } from './open-records.js';

const RESULT_SIGNS = 60;
const DIGEST_SIGNS = 12;

/** `turingpi state journal NODE`: the actions that were done on a node, with their digests and results. */
export async function stateJournal(
  node: NodeId,
  options: StateCommandOptions,
  terminal: Terminal,
): Promise<number> {
  await using opened = await openRecords(options, terminal);
  const { stdout } = terminal;
  let count = 0;
  for (const phase of PHASES)
    for (const entry of await opened.records.journal(node, phase)) {
      count += 1;
      if (options.json === true) {
        stdout.write(`${JSON.stringify({ node: nodeName(node), phase, n: count, ...entry })}\n`);
        continue;
      }
      const { at, action, digest, result } = entry;
      const text = `${count}. ${at} ${action} ${digest.slice(0, DIGEST_SIGNS)} ${cut(JSON.stringify(result))}`;
      stdout.write(`${printable(text)}\n`);
    }
  if (count === 0 && options.json !== true) stdout.write(`no action is on record of ${nodeName(node)}\n`);
  return EXIT.ok;
}

function cut(text: string): string {
  return text.length > RESULT_SIGNS ? `${text.slice(0, RESULT_SIGNS - 1)}…` : text;
}
