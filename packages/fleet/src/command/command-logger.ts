import type { CommandContext } from '@turingpi/cli/plugin';
import { createLogger } from '@turingpi/core';
import type { Logger } from '@turingpi/core/plugin';

/** What goes wrong in the background of a command, as JSON lines on its standard error. */
export function commandLogger({ stderr }: Pick<CommandContext, 'stderr'>): Logger {
  return createLogger({ level: 'warn', destination: { write: (line) => void stderr.write(line) } });
}
