import type { CommandContext, ContributedCommand } from '@turingpi/cli/plugin';
import { inspectPlugins } from '@turingpi/core';
import type { FleetWorkers } from '../engine/fleet-engine.js';
import type { Fleet } from '../fleet-file/load-fleet.js';
import { FleetError } from '../orchestrator/fleet-error.js';

const COMMAND = 'state-server';

/**
 * Serves the records of a fleet's boards in this process, as `turingpi state-server` does in one of its own. Disposed, it ends.
 *
 * @param file - what it serves and to whom
 * @throws FleetError `FLEET_USAGE` where no plugin beside the fleet file can
 */
export async function serveStateBeside(
  { file: { baseDir } }: Fleet,
  context: CommandContext,
  file: string,
): Promise<FleetWorkers> {
  const { discovery } = await inspectPlugins({ projectDir: baseDir, programDir: undefined });
  const commands = discovery.plugins.flatMap(({ plugin }) => commandsOf(plugin));
  const command = commands.find(({ id }) => id === COMMAND);
  if (command === undefined)
    throw new FleetError('FLEET_USAGE', `no plugin beside the fleet file brings ${COMMAND}`, {
      hint: 'Install it there: npm install @turingpi/state-http',
    });
  const stop = new AbortController();
  const ended = Promise.resolve(
    command.run({ ...context, args: [file], options: {}, signal: stop.signal }),
  ).then(() => undefined);
  ended.catch(() => undefined); // told to who waits
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended.catch(() => undefined);
    },
  };
}

/** Commands are contributed as objects. */
function commandsOf({
  commands = [],
}: {
  readonly commands?: readonly unknown[];
}): readonly ContributedCommand[] {
  return commands.filter((each) => typeof each === 'object') as ContributedCommand[];
}
