import type { ClusterSummary, EraseApproval, RunOptions } from '@turingpi/core';
import { declarativeHooks, declarativeWorkflow } from '@turingpi/provisioning';
import { type NodeId, TuringPiError } from '@turingpi/foundation';
import { EXIT, exitCodeOf } from '../process/exit-codes.js';
import { assertEraseNames } from '../process/erase-option.js';
import { onInterruption } from '../process/interruption.js';
import { type RunLimits, runLimits } from '../process/run-limits.js';
import type { Terminal } from '../process/terminal.js';
import { createReporter } from '../render/create-reporter.js';
import { eraseApproval } from './ask-to-erase.js';
import { openCluster } from './open-cluster.js';
import { reachBoard } from './reach-board.js';
import { untriedHardwareNote } from './untried-hardware.js';

/** What the commands that provision nodes have in common. */
export interface ProvisionOptions extends RunLimits {
  readonly config?: string;
  readonly node?: readonly NodeId[];
  /** Disks that may be erased without asking. */
  readonly erase?: EraseApproval;
  /** Do not ask finished nodes whether what is on record still holds. */
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** Take base images that were made for another board or system. */
  readonly force?: boolean;
}

/** Runs the configuration's workflow for its nodes, or for some, and tells how it went. */
export async function provisionNodes(
  options: ProvisionOptions,
  terminal: Terminal,
  how: Pick<RunOptions, 'reinstall'> = {},
): Promise<number> {
  const limits = runLimits(options);
  using reporter = createReporter(terminal, { json: options.json === true });
  using interruption = onInterruption(() => reporter.note('stopping; press Ctrl-C again to leave at once'));
  const { signal } = interruption;
  await using opened = await openCluster(options.config, terminal, {
    debug: options.verbose === true,
    declared: { nodes: options.node },
    approve: eraseApproval(options.erase, terminal, { signal, note: (text) => reporter.note(text) }),
  });
  const { cluster, file } = opened;
  assertEraseNames(options.erase, new Set(cluster.config.nodes.keys()));
  const workflow = declarativeWorkflow(cluster, {
    source: file.source,
    placeOf: file.placeOf,
    environment: terminal.environment,
    force: options.force === true,
  });
  const unsubscribe = cluster.subscribe((event) => reporter.event(event));
  try {
    const untried = await untriedHardwareNote(cluster);
    if (untried !== undefined) reporter.note(untried);
    await reachBoard(cluster, {
      nodes: options.node,
      installsFinished: how.reinstall !== undefined,
      signal,
      note: (text) => reporter.note(text),
    });
    const summary = await cluster.runAll(cluster.run(workflow), {
      ...how,
      ...limits,
      hooks: declarativeHooks(cluster, file),
      signal,
      offline: options.offline === true,
      ...(options.node === undefined ? {} : { nodes: options.node }),
    });
    reporter.summary(summary);
    return signal.aborted ? EXIT.interrupted : exitCodeOfRun(summary);
  } finally {
    unsubscribe();
  }
}

/** A failure decides, then a node out of reach, then that changes remain. */
function exitCodeOfRun({ nodes, completed }: ClusterSummary): number {
  if (completed) return EXIT.ok;
  const failed = nodes.find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined) {
    const code = exitCodeOf(failed.error);
    return code === EXIT.failed ? EXIT.phase : code;
  }
  const blocked = nodes.filter(({ outcome }) => outcome === 'blocked').map(({ error }) => error);
  const other = blocked.find((error) => exitCodeOf(error) !== EXIT.changesRemain);
  if (other !== undefined) return exitCodeOf(other);
  if (nodes.some(({ outcome }) => outcome === 'unreachable')) return EXIT.unreachable;
  return TuringPiError.is(blocked[0]) ? exitCodeOf(blocked[0]) : EXIT.phase;
}
