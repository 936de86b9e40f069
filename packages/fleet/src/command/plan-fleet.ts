import type { CommandContext } from '@turingpi/cli/plugin';
import { type FleetBoard, type Fleet, hasLabels, loadFleet } from '../fleet-file/load-fleet.js';
import type { NodePlan } from '../orchestrator/board-steps.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { FleetPlan } from './fleet-plan-file.js';
import type { FleetWords } from './fleet-words.js';
import { writeNew } from './make-operator-key.js';
import { openOrchestrator } from './open-orchestrator.js';
import { tellMore } from './tell-more.js';

/** As of the other commands that plan: something is left to do. */
const CHANGES = 6;

/** `turingpi fleet plan`: what would become of the boards, as their agents see it. Nothing is changed. */
export async function planFleet(context: CommandContext, words: FleetWords): Promise<number> {
  const fleet = await loadFleet(words.fleet);
  await using orchestrator = await openOrchestrator(fleet, context, words);
  const boards: Record<string, readonly NodePlan[]> = {};
  const { signal } = context;
  for (const { id: board, site } of boardsMeant(fleet, words.labels))
    boards[board] = await orchestrator
      .plan(site, { board, reinstall: words.reinstall }, signal)
      .catch((error: unknown) => {
        if (signal.aborted) tellMore(context, 'nothing was changed');
        throw error;
      });
  const plan: FleetPlan = {
    version: 1,
    fleet: fleet.name,
    at: new Date().toISOString(),
    reinstall: words.reinstall,
    boards,
  };
  if (words.out !== undefined) await writeNew(words.out, `${JSON.stringify(plan, null, 2)}\n`);
  context.stdout.write(context.json ? `${JSON.stringify(plan)}\n` : inWords(plan));
  const nodes = Object.values(boards).flat();
  return nodes.some(({ changes }) => changes) ? CHANGES : 0;
}

/** @throws FleetError `BOARD_UNKNOWN` when no board has the labels */
function boardsMeant(
  { boards, name }: Fleet,
  labels: Readonly<Record<string, string>>,
): readonly FleetBoard[] {
  const meant = boards.filter((board) => hasLabels(board.labels, labels));
  if (meant.length > 0) return meant;
  throw new FleetError('BOARD_UNKNOWN', `no board of ${name} has these labels`, {
    hint: 'The fleet file has the labels of each board.',
    details: { labels },
  });
}

function inWords({ boards }: FleetPlan): string {
  const lines = Object.entries(boards).flatMap(([board, nodes]) => [
    board,
    ...nodes.flatMap(({ node, hostname, changes, steps, erases, blocked }) => [
      `  ${node} ${hostname}${changes ? '' : ': nothing to do'}`,
      ...(changes ? steps.map((step) => `    ${step}`) : []),
      ...(erases === undefined ? [] : [`    erases ${erases.disk} (${erases.evidence}): ${erases.loss}`]),
      ...(blocked === undefined ? [] : [`    ${blocked.code}: ${blocked.message}`]),
    ]),
  ]);
  return `${lines.join('\n')}\n`;
}
