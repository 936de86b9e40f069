import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ClusterSummary } from '@turingpi/core';
import { loadConfig } from '@turingpi/provisioning';
import { CleanupStack, LEDGER_VARIABLE, type NodeId } from '@turingpi/foundation';
import { describeFinding, startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { declaredWorkflow } from '../cluster/declared-workflow.js';
import { boardMeant } from '../cluster/several-boards.js';
import { findConfigFile, openCluster } from '../cluster/open-cluster.js';
import { exitCodeOfRun } from '../cluster/provision-nodes.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import { programVersion } from '../process/program-version.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { rehearsedInput, simulatedSlots } from '../rehearsal/rehearsed-input.js';
import { simulatedOutput } from '../rehearsal/simulated-output.js';
import { WHAT_A_REHEARSAL_CANNOT_SHOW } from '../rehearsal/what-it-cannot-show.js';
import { createReporter } from '../render/create-reporter.js';
import type { Reporter } from '../render/reporter.js';

export interface RehearseOptions {
  readonly config?: string;
  readonly board?: string;
  readonly node?: readonly NodeId[];
  /** Leave the folder with images, state and disks of the simulated nodes. */
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** How much faster than real hardware the simulated board powers up and brings modules into USB boot. */
const CLOCK_SCALE = 50;
/** The smallest eMMC of an RK1; the files are sparse. */
const EMMC_BYTES = 32 * 1024 ** 3;

/**
 * `turingpi rehearse`: runs the user's own configuration, images and workflow against a simulated board, with nodes that are
 * empty. The real board and its nodes are not reached; records, secrets of nodes and trust are the rehearsal's own.
 */
export async function rehearse(options: RehearseOptions, terminal: Terminal): Promise<number> {
  const json = options.json === true;
  const output = simulatedOutput(terminal.stdout, { json });
  using reporter = await createReporter({ ...terminal, stdout: output }, { json });
  using interruption = onInterruption(() => reporter.note('stopping; press Ctrl-C again to leave at once'));
  const file = await loadConfig(findConfigFile(options.config, terminal.cwd));
  const { input } = boardMeant(file, options.board);
  await using cleanup = new CleanupStack();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-rehearsal-'));
  if (options.keep !== true)
    cleanup.defer('folder of the rehearsal', () => rm(folder, { recursive: true, force: true }));
  // Read by the simulated board, which judges by it: nothing is erased that was not approved.
  const ledger = process.env[LEDGER_VARIABLE];
  process.env[LEDGER_VARIABLE] = ledger ?? path.join(folder, 'approvals.jsonl');
  cleanup.defer('ledger of the rehearsal', () => {
    if (ledger === undefined) Reflect.deleteProperty(process.env, LEDGER_VARIABLE);
  });
  const password = randomBytes(12).toString('base64url');
  const board = await startVirtualBoard({
    nodes: simulatedSlots(input),
    dir: path.join(folder, 'virtual-board'),
    password,
    boot: 'shell',
    clock: { scale: CLOCK_SCALE },
    emmcSizeBytes: EMMC_BYTES,
  });
  cleanup.use('simulated board', board);
  const place = { cacheDir: path.join(folder, 'cache'), board, password };
  const run = { options, place, reporter, signal: interruption.signal };
  const { summary, leftOut } = await runOn(run, terminal);
  for (const finding of board.findings) reporter.note(`not approved: ${describeFinding(finding)}`);
  for (const text of ending(leftOut, options.keep === true ? folder : undefined)) reporter.note(text);
  if (interruption.signal.aborted) return EXIT.interrupted;
  return board.findings.length > 0 ? EXIT.failed : exitCodeOfRun(summary);
}

interface RehearsalRun {
  readonly options: RehearseOptions;
  readonly place: { readonly cacheDir: string; readonly board: VirtualBoard; readonly password: string };
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

async function runOn(
  { options, place, reporter, signal }: RehearsalRun,
  terminal: Terminal,
): Promise<{ readonly summary: ClusterSummary; readonly leftOut: readonly string[] }> {
  let leftOut: readonly string[] = [];
  await using opened = await openCluster(options.config, terminal, {
    debug: options.verbose === true,
    board: options.board,
    declared: { nodes: options.node },
    approve: 'new',
    change: (input) => {
      const rehearsed = rehearsedInput(input, place);
      leftOut = rehearsed.leftOut;
      return rehearsed.input;
    },
  });
  const { cluster } = opened;
  if (cluster.config.nodes.size === 0)
    throw new UsageError(
      `there is no node to rehearse: ${leftOut.join('; ') || 'none is configured'}`,
      'Modules of type rk1 and cm4 can be simulated.',
    );
  const { https } = place.board;
  reporter.note(`This is a rehearsal, on a simulated board at https://${https.host}:${https.port}.`);
  for (const text of leftOut) reporter.note(`left out: ${text}`);
  const unsubscribe = cluster.subscribe((event) => reporter.event(event));
  try {
    const workflow = declaredWorkflow(opened, terminal);
    const nodes = options.node === undefined ? {} : { nodes: options.node };
    const summary = await cluster.runAll(cluster.run(workflow), {
      ...{ signal, command: 'rehearse', version: programVersion(), simulated: true },
      ...nodes,
    });
    reporter.summary(summary);
    return { summary, leftOut };
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
