import type { Logger } from '@turingpi/foundation';
import type { Output } from '../process/terminal.js';
import { printableLines } from '../render/printable.js';

/** A logger for commands without a log file: warnings and errors become lines on standard error, the rest is dropped. */
export function warningsOn(stderr: Output): Logger {
  const drop = () => undefined;
  const say = (fields: object, message: string): void => {
    const { cause } = fields as { readonly cause?: unknown };
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    stderr.write(`warning: ${printableLines(`${message}${why}`)}\n`);
  };
  const logger: Logger = { debug: drop, info: drop, warn: say, error: say, child: () => logger };
  return logger;
}
