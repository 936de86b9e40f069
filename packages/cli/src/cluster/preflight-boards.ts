import type { BoardNode, BoardSet, TuringPi } from '@turingpi/core';
import { type NodeId, TuringPiError } from '@turingpi/foundation';
import { preflight } from '@turingpi/provisioning';
import type { Terminal } from '../process/terminal.js';
import { placeIn } from './declared-workflow.js';
import type { OpenedBoards } from './open-boards.js';
import { type FoundOnBoard, PreflightError } from './preflight-error.js';
import { nodesDue, reachBoard, type ReachBoardOptions } from './reach-board.js';

/** What a preflight of all boards is asked to look at. */
export interface PreflightBoardsOptions extends Omit<ReachBoardOptions, 'nodes'> {
  /** Nodes that are about to run. Default: all that are configured. */
  readonly nodes: readonly BoardNode[] | undefined;
  /** How they are installed this time, whatever the configuration says. */
  readonly strategyForNow?: string | undefined;
}

/**
 * Looks at every board that is worked on, all at the same time, for what would end the run: each board is reached once, and
 * everything that is found is in one list. Warnings are noted.
 *
 * @throws What is in the way, when it is one thing; PreflightError with all of it, when it is more.
 */
export async function preflightBoards(
  opened: OpenedBoards,
  terminal: Terminal,
  options: PreflightBoardsOptions,
): Promise<void> {
  const found = await preflightFindings(opened, terminal, options);
  const [first, ...others] = found.filter(({ severity }) => severity === 'error');
  if (first === undefined) return;
  throw others.length === 0 ? first.error : new PreflightError(first, others);
}

/** The same as a list; a board that does not answer is only noted, since it may answer when the images are done. */
export async function preflightFindings(
  opened: OpenedBoards,
  { environment }: Terminal,
  { nodes, note, ...options }: PreflightBoardsOptions,
): Promise<readonly FoundOnBoard[]> {
  const { clusters }: BoardSet = opened.boards;
  const perBoard = [...clusters].map(async ([name, cluster]) => {
    const say = (text: string) => note(name === undefined ? text : `${name}: ${text}`);
    const own = nodes?.flatMap(({ board, nodeId }) => (board === name ? [nodeId] : []));
    const place = { ...placeIn(opened.at(cluster).file), environment };
    const found = await examine(cluster, { ...options, nodes: own, note: say, place });
    for (const { severity, error } of found)
      if (severity === 'warning') say(`${error.message} (${error.code}). ${error.hint}`);
    return found.map((one): FoundOnBoard => ({ ...one, board: name }));
  });
  return (await Promise.all(perBoard)).flat();
}

async function examine(
  cluster: TuringPi,
  {
    place,
    strategyForNow,
    ...options
  }: ReachBoardOptions & {
    readonly strategyForNow?: string | undefined;
    readonly place: Pick<Parameters<typeof preflight>[1], 'environment' | 'source' | 'placeOf'>;
  },
): Promise<readonly Omit<FoundOnBoard, 'board'>[]> {
  const { signal } = options;
  const reached = await reachBoard(cluster, options).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!TuringPiError.is(error)) throw error;
    return { refusal: error };
  });
  const refusal = reached !== undefined && 'refusal' in reached ? reached.refusal : undefined;
  const due = (phase: Parameters<typeof nodesDue>[1]): Promise<readonly NodeId[]> =>
    nodesDue(cluster, phase, options);
  const [building, installing] = [await due('image_customization'), await due('os_installation')];
  const found =
    building.length + installing.length === 0
      ? []
      : await preflight(cluster, {
          ...place,
          ...{ building, installing, strategyForNow, signal },
          client: reached !== undefined && !('refusal' in reached) ? reached : undefined,
        });
  return refusal === undefined ? found : [{ severity: 'error', about: 'bmc', error: refusal }, ...found];
}
