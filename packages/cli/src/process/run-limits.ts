import type { PhaseStage, RunOptions } from '@turingpi/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PHASE_WORDS } from './phase-words.js';
import { UsageError } from './usage-error.js';

/** What the command line says of how far a run goes, and of failures. */
export interface RunLimits {
  readonly from?: PhaseStage;
  readonly until?: PhaseStage;
  readonly keepGoing?: boolean;
  readonly failFast?: boolean;
  /** Further attempts for a node that failed. */
  readonly retry?: number;
  /** Actions may be repeated that may do harm the second time. */
  readonly rerun?: boolean;
}

const MOST_RETRIES = 100;

/** Adds the options about failures to a command that provisions nodes. */
export function addFailureOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--keep-going',
        'go on with other nodes after a failure, also with reinstallations',
      ).conflicts('failFast'),
    )
    .option('--fail-fast', 'stop all nodes at the first failure')
    .option('--rerun', 'repeat commands after an action that changed, also those that do not look first')
    .option('--retry <times>', 'run a node again that failed for a reason that may pass', parseTimes);
}

/** Adds the options about phases. */
export function addPhaseOptions(command: Command): Command {
  return command
    .addOption(new Option('--from <phase>', 'take what comes before as it is on record').choices(PHASE_WORDS))
    .addOption(new Option('--until <phase>', 'end each node after this phase').choices(PHASE_WORDS));
}

/** @throws UsageError when there is no phase between the two. */
export function runLimits({
  from,
  until,
  keepGoing,
  failFast,
  retry,
  rerun,
}: RunLimits): Pick<RunOptions, 'from' | 'until' | 'onFailure' | 'retry' | 'rerun'> {
  if (from !== undefined && until !== undefined && PHASE_WORDS.indexOf(from) > PHASE_WORDS.indexOf(until))
    throw new UsageError(
      `there is no phase from ${from} until ${until}`,
      'The order is image, install, post.',
    );
  return {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(keepGoing === true && { onFailure: 'keep going' }),
    ...(failFast === true && { onFailure: 'stop' }),
    ...(retry !== undefined && { retry: { times: retry } }),
    ...(rerun === true && { rerun }),
  };
}

function parseTimes(text: string): number {
  const times = Number(text);
  if (!/^\d+$/.test(text) || times > MOST_RETRIES)
    throw new InvalidArgumentError(`a number from 0 to ${MOST_RETRIES}, not "${text}"`);
  return times;
}
