import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterSummary } from '@turingpi/core';
import { LEDGER_VARIABLE, makeDirectory, Node2, type NodeId } from '@turingpi/foundation';
import { pageIsBuilt } from '@turingpi/dashboard';
import { describeFinding, startVirtualBoard } from '@turingpi/virtual-board';
import { declaredWorkflow } from '../cluster/declared-workflow.js';
import { openCluster } from '../cluster/open-cluster.js';
import { renderDemoConfig } from '../demo/demo-config.js';
import { makeDemoFiles } from '../demo/demo-files.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import { programVersion } from '../process/program-version.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { createReporter } from '../render/create-reporter.js';
import { formatDuration } from '../render/format.js';
import type { Reporter } from '../render/reporter.js';

export interface DemoOptions {
  readonly output: string;
  readonly json?: boolean;
}

/** How much faster than real hardware the simulated board powers up and brings modules into USB boot. */
const DEMO_CLOCK_SCALE = 50;

/**
 * `turingpi demo`: provisions four simulated nodes over real HTTPS and SSH, runs again to show that everything is
 * skipped, then installs one node anew with another address, to show that only that one is touched.
 */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const directory = path.resolve(terminal.cwd, options.output);
  await makeDirectory(directory, 0o777).catch((cause: unknown) => {
    throw new UsageError(`--output ${directory} cannot be made: ${String(cause)}`, 'Choose another folder.');
  });
  const files = await makeDemoFiles(directory);
  using reporter = await createReporter(terminal, { json: options.json === true });
  using interruption = onInterruption(() => reporter.note('stopping; press Ctrl-C again to leave at once'));
  // Read by the simulated board, which judges by it: nothing is erased that was not approved.
  process.env[LEDGER_VARIABLE] ??= path.join(directory, 'virtual-board', 'approvals.jsonl');
  await using board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }, { board: 'rk1' }, { board: 'cm4' }, { board: 'cm4' }],
    dir: path.join(directory, 'virtual-board'),
    password: files.bmcPassword,
    boot: 'shell',
    clock: { scale: DEMO_CLOCK_SCALE },
  });
  const configFile = path.join(directory, 'turingpi.yaml');
  const writeConfig = (addresses: readonly number[]) =>
    writeFile(configFile, renderDemoConfig({ board, publicKey: files.publicKey, addresses }));
  const provision = (reinstall: readonly NodeId[] = []) =>
    provisionAll(configFile, terminal, reporter, { signal: interruption.signal, reinstall });

  const outcomes = new Outcomes();
  reporter.note(`A simulated Turing Pi 2 serves at https://${board.https.host}:${board.https.port}.`);
  reporter.note('\n1. Four nodes from stock images, over real HTTPS and SSH:\n');
  await writeConfig([101, 102, 103, 104]);
  const first = await provision();
  outcomes.expect(first.completed, 'every node is provisioned');

  if (first.completed) {
    reporter.note('\n2. Again, with nothing changed:\n');
    const second = await provision();
    outcomes.expect(countPhases(second, 'skipped') === 12, 'every phase is skipped');
    reporter.note(`All phases skipped in ${formatDuration(second.durationMs)}.`);

    reporter.note('\n3. Node2 is installed anew, with another address:\n');
    await writeConfig([101, 122, 103, 104]);
    const third = await provision([Node2]);
    const [, changed] = third.nodes;
    outcomes.expect(third.completed && countPhases(third, 'completed') === 3, 'only one node is done anew');
    outcomes.expect(
      Object.values(changed?.phases ?? {}).every(({ outcome }) => outcome === 'completed'),
      'the changed node is done anew',
    );
  }
  if (interruption.signal.aborted) {
    reporter.note('What was done is on record: the same command goes on from there.');
    return EXIT.interrupted;
  }
  for (const finding of board.findings)
    outcomes.expect(false, `nothing unapproved: ${describeFinding(finding)}`);
  for (const failure of outcomes.failures) reporter.note(`The demo did not go as it should: ${failure}.`);
  if (outcomes.failures.length > 0) return EXIT.failed;
  reporter.note(whatNext(directory, terminal.cwd, pageIsBuilt()));
  return EXIT.ok;
}

async function provisionAll(
  configFile: string,
  terminal: Terminal,
  reporter: Reporter,
  { signal, reinstall }: { readonly signal: AbortSignal; readonly reinstall: readonly NodeId[] },
): Promise<ClusterSummary> {
  // A simulated board: what its eMMCs hold may be lost.
  await using opened = await openCluster(configFile, terminal, { approve: 'all' });
  const { cluster } = opened;
  const unsubscribe = cluster.subscribe((event) => reporter.event(event));
  try {
    const workflow = declaredWorkflow(opened, terminal);
    const summary = await cluster.runAll(cluster.run(workflow), {
      ...{ signal, reinstall, command: 'demo', version: programVersion(), simulated: true },
    });
    reporter.summary(summary);
    return summary;
  } finally {
    unsubscribe();
  }
}

class Outcomes {
  readonly failures: string[] = [];

  /** Notes a promise of the demo that was not kept. */
  expect(kept: boolean, promise: string): void {
    if (!kept) this.failures.push(`not true: ${promise}`);
  }
}

function countPhases(summary: ClusterSummary, outcome: 'skipped' | 'completed'): number {
  return summary.nodes
    .flatMap((node) => Object.values(node.phases))
    .filter((phase) => phase.outcome === outcome).length;
}

/** @param pageIsBuilt - the page of a run is there: a clone of the repository builds it when it is wanted */
function whatNext(directory: string, cwd: string, pageIsBuilt: boolean): string {
  const inClone = pageIsBuilt ? '' : ' (once before: npm run build:page)';
  const shown = path.relative(cwd, directory) || '.';
  return `
Left in ${shown}/:
  turing-1.img.xz …    the customised images, ready to flash
  tpi_state.json       what was done, for the next run
  turingpi.yaml        the configuration; change something and run again
  virtual-board/       the simulated nodes' eMMCs
Next:
  npx turingpi virtual-board -c ${shown}/turingpi.yaml     in one terminal
  npx turingpi up -c ${shown}/turingpi.yaml                in another
  npx turingpi status -c ${shown}/turingpi.yaml
  npx turingpi run report -c ${shown}/turingpi.yaml -o report.html   what happened, as a page for a browser${inClone}
With a real board: put its address, your images and your keys into a turingpi.yaml of your own.`;
}
