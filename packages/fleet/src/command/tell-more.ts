import type { CommandContext } from '@turingpi/cli/plugin';

/** Says something to a person besides what was asked for; a program that reads JSON has no use for it. */
export function tellMore({ stderr, json }: Pick<CommandContext, 'stderr' | 'json'>, text: string): void {
  if (!json) stderr.write(`${text}\n`);
}
