import { type ClusterSummary, createTuringPi, type TuringPiConfig, type TuringPiEvent } from '@turingpi/core';
import type { Logger } from '@turingpi/foundation';
import { declarativeWorkflow } from '@turingpi/provisioning';

/** A logger of one's own: five functions. This one writes lines, for a program that has no other log. */
export function lineLogger(write: (line: string) => void, bindings: object = {}): Logger {
  const log = (level: string) => (fields: object, message: string) => {
    write(`${level} ${message} ${JSON.stringify({ ...bindings, ...fields })}`);
  };
  return {
    ...{ debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') },
    child: (more) => lineLogger(write, { ...bindings, ...more }),
  };
}

/** A bar of twenty places for each node, made of what the run tells. */
export class ProgressBars {
  readonly #shown = new Map<number, string>();

  constructor(private readonly write: (line: string) => void) {}

  readonly listen = (event: TuringPiEvent): void => {
    const line = lineOf(event);
    if (line === undefined || this.#shown.get(event.nodeId) === line) return;
    this.#shown.set(event.nodeId, line);
    this.write(`node ${event.nodeId} ${line}`);
  };
}

function lineOf(event: TuringPiEvent): string | undefined {
  switch (event.type) {
    case 'phase:progress': {
      const { activity, done = 0, total } = event.progress;
      const full = total === undefined || total === 0 ? 0 : Math.round((20 * done) / total);
      return `[${'#'.repeat(full).padEnd(20, '.')}] ${activity}`;
    }
    case 'phase:completed':
      return `${event.phase} done in ${Math.round(event.durationMs / 1000)} s`;
    case 'node:failed':
    case 'node:blocked':
      return `${event.code}: ${event.message}`;
    default:
      return undefined;
  }
}

/** Where paths of the configuration start, and who is told what. */
export interface ProgressOptions {
  readonly baseDir: string;
  readonly log: (line: string) => void;
  readonly display: (line: string) => void;
}

/** Runs the `workflow` of a configuration with a log and a display of one's own. */
export async function provisionWithProgress(
  config: TuringPiConfig,
  { baseDir, log, display }: ProgressOptions,
): Promise<ClusterSummary> {
  const options = { approve: 'new', baseDir, logger: lineLogger(log) } as const;
  await using cluster = await createTuringPi(config, options);
  const stop = cluster.subscribe(new ProgressBars(display).listen);
  try {
    const workflow = declarativeWorkflow(cluster, { environment: process.env });
    return await cluster.runAll(cluster.run(workflow));
  } finally {
    stop();
  }
}
