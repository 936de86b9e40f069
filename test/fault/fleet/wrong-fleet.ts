import type { StepName } from '@turingpi/fleet/orchestrator';
import type { NodeId } from '@turingpi/foundation';
import type { FleetLab } from './fleet-lab.js';
import { wrongNode } from './wrong-node.js';

/**
 * What is wrong with the boards of a fleet of which a rollout says that all of them are done.
 *
 * @param lost - the steps in which agents of a node were lost, or its step was cancelled
 * @param atOnce - how many boards may be written to at a time
 */
export async function wrongFleet(
  fleet: FleetLab,
  lost: readonly { readonly board: string; readonly node: NodeId; readonly step: StepName }[],
  atOnce: number,
): Promise<readonly string[]> {
  const records = { url: fleet.database.url(), secretsKey: fleet.secretsKey };
  const ofNodes = fleet.boards.flatMap((board) =>
    fleet.form.nodes.map((node) => {
      const ofNode = lost.filter((each) => each.board === board.name && each.node === node);
      return wrongNode(
        board,
        node,
        records,
        ofNode.map(({ step }) => step),
      );
    }),
  );
  const { most } = fleet.slots;
  return [
    ...(await Promise.all(ofNodes)).flat(),
    ...fleet.boards.flatMap(({ name, watch, board }) => [
      ...watch.doubles.map((what) => `${name} was flashed twice at a time: ${what}`),
      ...board.findings.map((finding) => `${name}: ${JSON.stringify(finding)}`),
    ]),
    ...(most <= atOnce ? [] : [`${most} boards were written to at a time`]),
  ];
}
