import type {
  CreateTuringPiOptions,
  EraseApproval,
  NodeHooks,
  TuringPi,
  TuringPiConfig,
  Workflow,
  Plugin,
} from '@turingpi/core';
import { type ConfigFile, configInvalid, examineBoards } from '@turingpi/core/plugin';
import {
  createDeclaredTuringPi,
  declarativeHooks,
  declarativeWorkflow,
  type DeclarativeWorkflowOptions,
  loadConfig,
} from '@turingpi/provisioning';
import type { FleetBoard } from '../fleet-file/load-fleet.js';

/** A board of the fleet, opened on its site. */
export interface OpenedBoard extends AsyncDisposable {
  readonly cluster: TuringPi;
  readonly workflow: Workflow;
  readonly hooks: NodeHooks;
  /** Where its workflow was declared, and what it is read with. */
  readonly place: DeclarativeWorkflowOptions;
}

/** What an agent opens boards with. */
export type OpenBoardOptions = Pick<CreateTuringPiOptions, 'programDir' | 'logger' | 'leases'> & {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Those that are installed beside the fleet file: all boards can use them. */
  readonly plugins?: readonly Plugin[];
};

/**
 * Opens a board by its own configuration file, with the workflow and the store that the fleet file says. Secrets are
 * resolved here.
 *
 * @param fleetDir - folder of the fleet file
 * @throws ConfigError, also for a file of several boards
 */
export async function openBoard(
  board: FleetBoard,
  { environment, plugins, ...options }: OpenBoardOptions,
  { fleetDir, approve }: { readonly fleetDir: string; readonly approve: EraseApproval },
): Promise<OpenedBoard> {
  const file = await loadConfig(board.configuration);
  const [first, ...others] = examineBoards(file.input).boards;
  if (first?.name !== undefined || others.length > 0)
    throw configInvalid(
      [{ path: ['boards'], message: 'a board of a fleet has a configuration of its own' }],
      file,
    );
  const workflow = board.workflow === undefined ? undefined : await loadConfig(board.workflow);
  const { input, place } = withWorkflow(board, file, workflow);
  const { plugins: own = [], state, stateStore } = input;
  const isStateGiven = board.state !== undefined && state === undefined && stateStore === undefined;
  const whole = {
    ...{ ...input, plugins: [...own, ...(plugins ?? [])] },
    ...(isStateGiven && { state: board.state }),
  };
  const cluster = await createDeclaredTuringPi(whole, {
    ...{ ...options, ...place, baseDir: file.baseDir, environment, approve },
    ...(isStateGiven && { stateBaseDir: fleetDir }),
  });
  try {
    const declared = { ...place, environment };
    return {
      cluster,
      workflow: declarativeWorkflow(cluster, declared),
      hooks: declarativeHooks(cluster, place),
      place: declared,
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

/** The configuration with the workflow of the fleet, and records under the name of the board. */
function withWorkflow(board: FleetBoard, file: ConfigFile, workflow: ConfigFile | undefined) {
  const own = file.input as Partial<TuringPiConfig>;
  const given = workflow?.input as Partial<TuringPiConfig> | undefined;
  const input = { stateFileName: `${board.id}.json`, ...own, ...(given && { workflow: given.workflow }) };
  const isGiven = (path: readonly PropertyKey[]) => workflow !== undefined && path[0] === 'workflow';
  const place: Pick<ConfigFile, 'source' | 'placeOf'> = {
    source: file.source,
    placeOf: (path) => (isGiven(path) ? undefined : file.placeOf(path)), // a line of another file would mislead
  };
  return { input: input as TuringPiConfig, place };
}
