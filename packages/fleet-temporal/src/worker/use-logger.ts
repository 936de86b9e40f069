import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from '@turingpi/core/plugin';

let isInstalled = false;

/** What is said of an agent: it has no workflows, as is meant. */
const MEANT = 'No workflows registered';

/** Has Temporal's part of this process log where ours does, warnings and errors; and leave signals to us. Once. */
export function useLogger(logger: Logger): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    shutdownSignals: [],
    // What its native part says would be printed to standard output, in the middle of what is said with `--json`.
    telemetryOptions: { logging: { forward: {} } },
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (message.startsWith(MEANT)) return;
      if (level === 'ERROR') logger.error({ ...meta }, message);
      else logger.warn({ ...meta }, message);
    }),
  });
}
