import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ClusterSummary } from '@turingpi/core';
import { CleanupStack, LEDGER_VARIABLE } from '@turingpi/foundation';
import { declaredWorkflow } from '../cluster/declared-workflow.js';
import { configuredNodes, openBoards } from '../cluster/open-boards.js';
import { exitCodeOfRun } from '../cluster/provision-nodes.js';
import { nodesMeant } from '../cluster/several-boards.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import { type NodeName, nodesOn } from '../process/node-names.js';
import { programVersion } from '../process/program-version.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { SimulatedBoards } from '../rehearsal/simulated-boards.js';
import { simulatedOutput } from '../rehearsal/simulated-output.js';
import { WHAT_A_REHEARSAL_CANNOT_SHOW } from '../rehearsal/what-it-cannot-show.js';
import { createReporter } from '../render/create-reporter.js';
import type { Reporter } from '../render/reporter.js';

export interface RehearseOptions {
  readonly config?: string;
  readonly board?: string;
  readonly node?: readonly NodeName[];
  /** Leave the folder with images, state and disks of the simulated nodes. */
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * `turingpi rehearse`: runs the user's own configuration, images and workflow against simulated boards, one for each that is
 * configured, with nodes that are empty. Real boards and their nodes are not reached; records, secrets of nodes and trust
 * are the rehearsal's own.
 */
export async function rehearse(options: RehearseOptions, terminal: Terminal): Promise<number> {
  const json = options.json === true;
  const output = simulatedOutput(terminal.stdout, { json });
  using reporter = await createReporter({ ...terminal, stdout: output }, { json });
  using interruption = onInterruption(() => reporter.note('stopping; press Ctrl-C again to leave at once'));
  await using cleanup = new CleanupStack();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-rehearsal-'));
  if (options.keep !== true)
    cleanup.defer('folder of the rehearsal', () => rm(folder, { recursive: true, force: true }));
  // Read by the simulated boards, which judge by it: nothing is erased that was not approved.
  const ledger = process.env[LEDGER_VARIABLE];
  process.env[LEDGER_VARIABLE] = ledger ?? path.join(folder, 'approvals.jsonl');
  cleanup.defer('ledger of the rehearsal', () => {
    if (ledger === undefined) Reflect.deleteProperty(process.env, LEDGER_VARIABLE);
  });
  const boards = new SimulatedBoards(folder);
  cleanup.use('simulated boards', boards);
  const { signal } = interruption;
  const summary = await runOn(boards, { options, reporter, signal }, terminal);
  for (const finding of boards.findings) reporter.note(`not approved: ${finding}`);
  for (const text of ending(boards.leftOut, options.keep === true ? folder : undefined)) reporter.note(text);
  if (signal.aborted) return EXIT.interrupted;
  return boards.findings.length > 0 ? EXIT.failed : exitCodeOfRun(summary);
}

interface RehearsalRun {
  readonly options: RehearseOptions;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

async function runOn(
  simulated: SimulatedBoards,
  { options, reporter, signal }: RehearsalRun,
  terminal: Terminal,
): Promise<ClusterSummary> {
  const named = nodesOn(options.board, options.node);
  await using opened = await openBoards(options.config, terminal, {
    debug: options.verbose === true,
    nodes: named,
    declared: true,
    approve: () => 'new',
    change: (input, board) => simulated.standInFor(input, board),
  });
  const { boards } = opened;
  const configured = configuredNodes(boards);
  const { leftOut } = simulated;
  if ([...configured.values()].every((nodes) => nodes.length === 0))
    throw new UsageError(
      `there is no node to rehearse: ${leftOut.join('; ') || 'none is configured'}`,
      'Modules of type rk1 and cm4 can be simulated.',
    );
  for (const text of simulated.places) reporter.note(text);
  for (const text of leftOut) reporter.note(`left out: ${text}`);
  const unsubscribe = boards.subscribe((event) => reporter.event(event));
  try {
    const summary = await boards.runAll(
      (cluster) => cluster.run(declaredWorkflow(opened.at(cluster), terminal)),
      {
        ...{ signal, command: 'rehearse', version: programVersion(), simulated: true },
        nodes: nodesMeant(named, configured),
      },
    );
    reporter.summary(summary);
    return summary;
  } finally {
    unsubscribe();
  }
}

function ending(leftOut: readonly string[], kept: string | undefined): string[] {
  return [
    'A rehearsal cannot show:',
    ...WHAT_A_REHEARSAL_CANNOT_SHOW.map((text) => `  - ${text}`),
    ...leftOut.map((text) => `  - left out: ${text}`),
    ...(kept === undefined
      ? []
      : [
          `Kept in ${kept}: cache/ with images, state and secrets of the simulated nodes; virtual-board/ with their disks.`,
        ]),
  ];
}
