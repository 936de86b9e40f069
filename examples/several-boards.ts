import {
  type BoardSetConfig,
  type ClusterSummary,
  createBoardSet,
  Node1,
  type Workflow,
} from '@turingpi/core';

/** Runs one workflow for every node of every board; each board flashes by itself, one node at a time. */
export async function runBoards(config: BoardSetConfig, workflow: Workflow): Promise<ClusterSummary> {
  await using boards = await createBoardSet(config, { approve: 'new' });
  for (const [name, cluster] of boards.clusters)
    console.log(name, [...cluster.config.nodes.keys()].join(', '));
  return await boards.runAll((cluster) => cluster.run(workflow));
}

/** Runs it for the first node of one board alone. */
export async function runOne(
  config: BoardSetConfig,
  workflow: Workflow,
  board: string,
): Promise<ClusterSummary> {
  await using boards = await createBoardSet(config, { only: [board], approve: { [board]: [Node1] } });
  return await boards.runAll((cluster) => cluster.run(workflow), { nodes: [{ board, nodeId: Node1 }] });
}
