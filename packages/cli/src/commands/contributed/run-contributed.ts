import { type OpenedCluster, openCluster } from '../../cluster/open-cluster.js';
import type { CommandContext, ContributedCommand } from '../../plugin/contributed-command.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';

/** What was typed after a command. */
interface Typed {
  readonly args: readonly string[];
  readonly options: {
    readonly config?: string;
    readonly board?: string;
    readonly json?: boolean;
    readonly verbose?: boolean;
    readonly [name: string]: unknown;
  };
}

/** Runs a command of a plugin. @returns The exit code. */
export async function runContributed(
  command: ContributedCommand,
  { args, options }: Typed,
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() =>
    remark(terminal, 'stopping; press Ctrl-C again to leave at once'),
  );
  const { signal } = interruption;
  let opening: Promise<OpenedCluster> | undefined;
  const context: CommandContext = {
    ...terminal,
    args,
    options,
    programDir: PROGRAM_DIR,
    json: options.json === true,
    signal,
    openCluster: async (how = {}) => {
      opening ??= openCluster(options.config, terminal, {
        debug: options.verbose === true,
        board: options.board,
        ...how,
      });
      return (await opening).cluster;
    },
  };
  try {
    const code = await command.run(context);
    if (signal.aborted) return EXIT.interrupted;
    return typeof code === 'number' ? code : EXIT.ok;
  } finally {
    // What could not be opened was told to the command; there is nothing to close then.
    const opened = await opening?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  }
}
