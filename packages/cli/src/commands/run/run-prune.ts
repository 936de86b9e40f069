import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

const DEFAULT_KEEP = 50;

export interface RunPruneOptions extends RunCommandOptions {
  readonly keep?: number;
  /** Milliseconds. */
  readonly olderThan?: number;
  readonly dryRun?: boolean;
}

/** `turingpi run prune`: removes runs that are over. */
export async function runPrune(options: RunPruneOptions, terminal: Terminal): Promise<number> {
  const runs = await findRuns(options, terminal);
  const { olderThan, dryRun = false } = options;
  const removed = await runs.prune({
    keep: options.keep ?? (olderThan === undefined ? DEFAULT_KEEP : 0),
    dryRun,
    ...(olderThan === undefined ? {} : { before: new Date(Date.now() - olderThan) }),
  });
  if (options.json === true)
    terminal.stdout.write(`${JSON.stringify({ event: 'pruned', dryRun, removed })}\n`);
  else {
    for (const id of removed) terminal.stdout.write(`${dryRun ? 'would remove' : 'removed'} ${id}\n`);
    terminal.stdout.write(`${removed.length} runs ${dryRun ? 'would be removed' : 'removed'}\n`);
  }
  return EXIT.ok;
}
