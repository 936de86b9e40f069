import { declarativeWorkflow, type NodeId } from '@turingpi/core';
import { openCluster } from '../cluster/open-cluster.js';
import { EXIT, exitCodeOf } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { Terminal } from '../process/terminal.js';
import { createReporter } from '../render/create-reporter.js';

export interface UpOptions {
  readonly config?: string;
  readonly node?: readonly NodeId[];
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** Take base images that were made for another board or system. */
  readonly force?: boolean;
}

/** `turingpi up`: brings every configured node (or some) to what the configuration says. */
export async function up(options: UpOptions, terminal: Terminal): Promise<number> {
  const { cluster, file } = await openCluster(options.config, terminal, { debug: options.verbose === true });
  const workflow = declarativeWorkflow(cluster.config, {
    source: file.source,
    placeOf: file.placeOf,
    environment: terminal.environment,
    force: options.force === true,
  });
  using reporter = createReporter(terminal, { json: options.json === true });
  using interruption = onInterruption(() => reporter.note('stopping; press Ctrl-C again to leave at once'));
  const unsubscribe = cluster.subscribe((event) => reporter.event(event));
  try {
    const summary = await cluster.runAll(cluster.run(workflow), {
      signal: interruption.signal,
      ...(options.node === undefined ? {} : { nodes: options.node }),
    });
    reporter.summary(summary);
    if (interruption.signal.aborted) return EXIT.interrupted;
    if (summary.completed) return EXIT.ok;
    const [failed] = summary.nodes.filter(({ outcome }) => outcome === 'failed');
    const code = exitCodeOf(failed?.error);
    return code === EXIT.failed ? EXIT.phase : code;
  } finally {
    unsubscribe();
  }
}
