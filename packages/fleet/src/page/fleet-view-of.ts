import type { FleetBoardView, FleetNodeView, FleetView, RolloutView, SiteView } from '@turingpi/dashboard';
import type { Fleet } from '../fleet-file/load-fleet.js';
import type { StepName } from '../orchestrator/board-steps.js';
import type { EngineLinks } from '../orchestrator/orchestrator.js';
import type { AgentStatus, FleetStatus, NodeStatus, RolloutStatus } from '../orchestrator/fleet-status.js';

/** An agent that waits for work gives a sign once a minute. */
const SILENT_AFTER_MS = 90_000;
/** By the words of the command line. */
const STEP_WORDS: Readonly<Record<StepName, string>> = {
  customise: 'image',
  install: 'install',
  postInstall: 'post',
};

/** As much of a fleet as its page shows. */
export type ViewedFleet = Pick<Fleet, 'name' | 'sites' | 'boards' | 'engine'>;

/** What the page shows of a fleet: its file says which sites and boards there are, its engine what became of them. */
export function fleetViewOf(
  { name, sites, boards, engine }: ViewedFleet,
  status: FleetStatus,
  { now, links }: { readonly now: Date; readonly links?: EngineLinks | undefined },
): FleetView {
  const { unreadable = [] } = status;
  const left = newestOf(status.rollouts);
  const names = new Map(sites.map(({ id }) => [id, new Set<string>()]));
  for (const { site, id } of boards) names.get(site)?.add(id);
  // A rollout may be older than the file: what it was about is shown as well.
  for (const { site, board } of left.values()) names.set(site, (names.get(site) ?? new Set()).add(board));
  return {
    fleet: name,
    at: now.toISOString(),
    ...(engine === undefined
      ? {}
      : { engine: { name: engine.id, ...(links === undefined ? {} : { page: links.page }) } }),
    ...(unreadable.length === 0
      ? {}
      : { problem: `Some rollouts cannot be read with the keys that are here: ${unreadable.join(', ')}.` }),
    rollouts: status.rollouts.toReversed().map((rollout) => rolloutView(rollout, links)),
    sites: [...names].map(([site, ids]): SiteView => ({
      site,
      draining: status.draining.includes(site),
      agents: status.agents.filter((agent) => agent.site === site).map((agent) => agentView(agent, now)),
      boards: [...ids].map((board) => left.get(board)?.view(links) ?? { board, state: 'idle', nodes: [] }),
    })),
  };
}

interface LeftBoard {
  readonly board: string;
  readonly site: string;
  readonly view: (links: EngineLinks | undefined) => FleetBoardView;
}

/** Each board as the newest rollout has left it that has begun with it, else as one has it that has not. */
function newestOf(rollouts: readonly RolloutStatus[]): ReadonlyMap<string, LeftBoard> {
  const found = new Map<string, LeftBoard>();
  const begun = new Set<string>();
  for (const { id, boards } of rollouts.toReversed())
    for (const { board, site, state, nodes } of boards) {
      const hasBegun = state !== 'waiting' && state !== 'not started';
      if (begun.has(board) || (found.has(board) && !hasBegun)) continue;
      if (hasBegun) begun.add(board);
      found.set(board, {
        ...{ board, site },
        view: (links) => ({
          ...{ board, state, rollout: id, nodes: nodes.map(nodeView) },
          ...(links === undefined ? {} : { page: links.board(board) }),
        }),
      });
    }
  return found;
}

function nodeView({ node, state, step, failure }: NodeStatus): FleetNodeView {
  return {
    ...{ node, state },
    ...(step === undefined ? {} : { step: STEP_WORDS[step] }),
    ...(failure === undefined
      ? {}
      : {
          failure: {
            ...{ code: failure.code, message: failure.message },
            ...(failure.hint === undefined ? {} : { hint: failure.hint }),
          },
        }),
  };
}

function rolloutView(
  { id, outcome, startedAt, endedAt, atOnce, boards }: RolloutStatus,
  links: EngineLinks | undefined,
): RolloutView {
  return {
    ...{ id, state: outcome ?? 'running' },
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(atOnce === undefined ? {} : { atOnce }),
    boards: boards.map(({ board, site, state }) => ({ board, site, state })),
    ...(links === undefined ? {} : { page: links.rollout(id) }),
  };
}

function agentView({ id, seenAt }: AgentStatus, now: Date): SiteView['agents'][number] {
  return { agent: id, seenAt, alive: now.getTime() - Date.parse(seenAt) < SILENT_AFTER_MS };
}
