import { CleanupStack, type NodeId } from '@turingpi/foundation';
import type { TuringPiConfig } from '../config/config-input.js';
import { examineBoards } from '../config/examine-boards.js';
import { configInvalid, mergedConfigError } from '../config/config-invalid.js';
import type { BoardInput } from '../config/split-boards.js';
import { type EraseApproval, isApprover } from '../erasure/erase-approval.js';
import { ConfigError } from '../errors/config-error.js';
import { Redactor } from '../logging/redactor.js';
import { capacityOf } from '../schedule/capacities.js';
import { Scheduler } from '../schedule/scheduler.js';
import { boardNotConfigured, BoardSet } from './board-set.js';
import { createTuringPi, type CreateTuringPiOptions } from './create-turing-pi.js';
import type { TuringPi } from './turing-pi.js';

/** Keys that each board says for itself. */
type OfOneBoard = 'ip' | 'stateFileName' | 'node1' | 'node2' | 'node3' | 'node4';
/** Keys that are said for all, or by a board in their place. */
type SharedOrOwn = 'network' | 'bmc' | 'ssh';

/** The configuration of several boards. */
export type BoardSetConfig = Omit<TuringPiConfig, OfOneBoard> & {
  readonly boards: Readonly<Record<string, Pick<TuringPiConfig, OfOneBoard | SharedOrOwn>>>;
};

/** How the boards of a configuration are opened. */
export interface CreateBoardSetOptions extends Omit<CreateTuringPiOptions, 'approve' | 'board'> {
  /** Who may erase what, on all boards, or by board: numbers of nodes are those of one board. Default `none`. */
  readonly approve?:
    Exclude<EraseApproval, readonly NodeId[]> | Readonly<Record<string, EraseApproval | undefined>>;
  /** Open these boards only. Default: all. */
  readonly only?: readonly (string | undefined)[];
}

/** Opens one board. */
type OpenBoard = (config: TuringPiConfig, options: CreateTuringPiOptions) => Promise<TuringPi>;

/**
 * Opens the boards of a configuration with `boards`, or the one that it is of; what is wrong in any of them is told
 * together.
 *
 * @param create - opens one of them
 * @throws ConfigError `CONFIG_INVALID`, also for what two boards cannot both have; PhaseError `BOARD_NOT_CONFIGURED`; as
 * {@link createTuringPi}.
 */
export async function createBoardSet(
  config: BoardSetConfig | TuringPiConfig,
  { only, approve, ...options }: CreateBoardSetOptions = {},
  create: OpenBoard = createTuringPi,
): Promise<BoardSet> {
  const boards = boardsIn(config, options, only);
  const shared = { redactor: new Redactor(), scheduler: new Scheduler(capacityOf) };
  await using opening = new CleanupStack();
  const clusters = new Map<string | undefined, TuringPi>();
  const invalid: ConfigError[] = [];
  for (const { name, input, pathInWhole } of boards)
    try {
      const approval = approvalFor(name, approve);
      const cluster = await create(input as TuringPiConfig, {
        ...options,
        ...(approval === undefined ? {} : { approve: approval }),
        board: { name, pathInWhole, ...shared },
      });
      clusters.set(name, opening.use(`board ${name ?? ''}`, cluster));
    } catch (error) {
      if (!(error instanceof ConfigError) || error.details['issues'] === undefined) throw error;
      invalid.push(error);
    }
  if (invalid.length > 0) throw mergedConfigError(invalid, options);
  return new BoardSet(clusters, opening.move());
}

function approvalFor(
  name: string | undefined,
  approve: CreateBoardSetOptions['approve'],
): EraseApproval | undefined {
  if (typeof approve !== 'object') return approve;
  return isApprover(approve) ? approve : approve[name ?? ''];
}

/** The boards that are meant. @throws As {@link createBoardSet}. */
function boardsIn(
  config: unknown,
  origin: Pick<CreateTuringPiOptions, 'source' | 'placeOf'>,
  only: readonly (string | undefined)[] | undefined,
): readonly BoardInput[] {
  const { boards, issues } = examineBoards(config);
  if (issues.length > 0) throw configInvalid(issues, origin);
  for (const name of only ?? [])
    if (boards.every((board) => board.name !== name))
      throw boardNotConfigured(
        name,
        boards.map((board) => board.name),
      );
  return boards.filter(({ name }) => only === undefined || only.includes(name));
}
