import type { CommandContext } from '@turingpi/cli/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { boardOf } from '../fleet-file/named-in-fleet.js';
import { type FleetWords, needed } from './fleet-words.js';
import { siteAgent } from './site-agent-here.js';

/**
 * `turingpi fleet adopt <board>`: makes records of what runs on the nodes of a board, so that no rollout installs them anew.
 * It runs on a computer of the board's site, as an agent does, and changes nothing on a node.
 */
export async function adoptBoard(context: CommandContext, words: FleetWords): Promise<number> {
  const { stdout, stderr, json, signal } = context;
  const fleet = await loadFleet(words.fleet);
  const id = needed(words.what, 'the board');
  const board = boardOf(fleet, id);
  const agent = await siteAgent(fleet, board.site, context, words);
  const failures: unknown[] = [];
  for await (const { node, ...adopted } of agent.adopt(id, { signal, fingerprints: words.fingerprints })) {
    if ('error' in adopted) {
      // What one node lacks is no reason to leave the others.
      if (!TuringPiError.is(adopted.error)) throw adopted.error;
      failures.push(adopted.error);
      const { message, code, hint } = adopted.error;
      stderr.write(`${id}/${node} is not adopted: ${message} (${code})\n  ${hint}\n`);
    } else
      stdout.write(
        json
          ? `${JSON.stringify({ type: 'node:adopted', board: id, node, installation: adopted.installation })}\n`
          : `${id}/${node} ${adopted.hostname} is adopted\n`,
      );
  }
  if (failures.length > 0) throw failures[0];
  return 0;
}
