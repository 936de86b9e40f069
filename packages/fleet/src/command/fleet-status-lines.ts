import type { BoardStatus, FleetStatus, RolloutStatus } from '../orchestrator/fleet-status.js';

/** What a fleet does, for people: a line for each rollout, board, and node that is not as it should be. */
export function fleetStatusLines(
  { rollouts, unreadable = [], agents, draining }: FleetStatus,
  now: Date,
): readonly string[] {
  return [
    ...(rollouts.length === 0 ? ['no rollout'] : rollouts.flatMap(rolloutLines)),
    ...unreadable.map((id) => `rollout ${id} cannot be read with the keys that are here`),
    ...draining.map((site) => `${site} is drained: it takes nothing new`),
    ...agentLines(agents, now),
  ];
}

/** A rollout with its boards. */
export function rolloutLines({ id, outcome, boards }: RolloutStatus): readonly string[] {
  return [`rollout ${id}: ${outcome ?? 'running'}`, ...boards.flatMap(boardLines)];
}

/** Each agent, and when it was heard of. */
export function agentLines(agents: FleetStatus['agents'], now: Date): readonly string[] {
  return agents.map(({ id, site, seenAt }) => {
    const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(seenAt)) / 1000));
    return `agent ${id} of ${site}: heard of ${seconds} s ago`;
  });
}

function boardLines({ board, site, state, nodes }: BoardStatus): readonly string[] {
  return [
    `  ${board} (${site}): ${state}`,
    ...nodes.flatMap(({ node, state: of, step, failure }) => {
      if (failure !== undefined)
        return [`    ${node} ${step ?? ''} ${of}: ${failure.message} (${failure.code})`];
      return of === 'running' && step !== undefined ? [`    ${node} ${step}`] : [];
    }),
  ];
}
