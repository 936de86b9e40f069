import { findConfigFile } from '../../cluster/open-cluster.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { printableLines } from '../../render/printable.js';
import {
  type ConfigurationProblem,
  configurationProblems,
  problemText,
  shownFile,
} from '../../cluster/configuration-problems.js';

/** `turingpi validate [FILE]`: everything that is wrong in a configuration; `turingpi doctor` says it as well. */
export async function validate(
  named: string | undefined,
  options: { readonly config?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const absolute = findConfigFile(named ?? options.config, terminal.cwd);
  const file = shownFile(absolute, terminal.cwd);
  using interruption = onInterruption(() => undefined);
  const found = await configurationProblems(absolute, terminal, interruption.signal);
  if (options.json === true)
    terminal.stdout.write(`${JSON.stringify({ file, valid: found.length === 0, problems: found })}\n`);
  else
    terminal.stdout.write(
      printableLines(found.length === 0 ? `${file}: nothing is wrong` : render(found)) + '\n',
    );
  return found.length === 0 ? EXIT.ok : EXIT.configuration;
}

function render(problems: readonly ConfigurationProblem[]): string {
  const lines = problems.flatMap((problem) => [
    problemText(problem),
    ...(problem.hint === undefined ? [] : [`  ${problem.hint}`]),
  ]);
  return [
    ...lines,
    problems.length === 1 ? 'one thing is wrong' : `${problems.length} things are wrong`,
  ].join('\n');
}
