import path from 'node:path';
import { ConfigError, rankOf, TuringPiError } from '@turingpi/core';
import { examineDeclared, loadConfig } from '@turingpi/provisioning';
import { findConfigFile, withEnvironment } from '../../cluster/open-cluster.js';
import { COMMANDS } from '../../plugin/commands.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import type { Terminal } from '../../process/terminal.js';
import { type ErrorIssue, errorRecord } from '../../render/error.js';
import { printableLines } from '../../render/printable.js';

/** What is wrong in a file: where, and what to do. */
interface Problem extends Omit<ErrorIssue, 'key'> {
  readonly file: string;
  readonly key?: string;
}

/**
 * `turingpi validate [FILE]`: everything that is wrong in a configuration, as far as this computer can tell. Nothing is
 * reached, made or changed.
 */
export async function validate(
  named: string | undefined,
  options: { readonly config?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const absolute = findConfigFile(named ?? options.config, terminal.cwd);
  const file = path.relative(terminal.cwd, absolute).startsWith('..')
    ? absolute
    : path.relative(terminal.cwd, absolute);
  using interruption = onInterruption(() => undefined);
  const problems = await problemsIn(absolute, terminal, interruption.signal);
  const found = problems.map((problem): Problem => ({ file, ...problem }));
  if (options.json === true)
    terminal.stdout.write(`${JSON.stringify({ file, valid: found.length === 0, problems: found })}\n`);
  else
    terminal.stdout.write(
      printableLines(found.length === 0 ? `${file}: nothing is wrong` : render(found)) + '\n',
    );
  return found.length === 0 ? EXIT.ok : EXIT.configuration;
}

async function problemsIn(
  file: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly Omit<Problem, 'file'>[]> {
  try {
    const { input, baseDir, source, placeOf } = await loadConfig(file);
    const error = await examineDeclared(withEnvironment(input, terminal.environment), {
      ...{ baseDir, source, placeOf, signal },
      environment: terminal.environment,
      programDir: PROGRAM_DIR,
      extensionPoints: [COMMANDS],
    });
    return error === undefined ? [] : listOf(error);
  } catch (error) {
    // A file that is no configuration at all, or names a plugin that cannot be used, has one problem.
    if (!TuringPiError.is(error) || error.category !== 'configuration') throw error;
    if (error instanceof ConfigError && error.code === 'CONFIG_NOT_FOUND') throw error;
    return listOf(error);
  }
}

function listOf(error: TuringPiError): readonly Omit<Problem, 'file'>[] {
  const { issues, code, message, hint } = errorRecord(error);
  if (issues !== undefined) return issues.toSorted((a, b) => rankOf(a) - rankOf(b));
  return [{ message, code, ...(hint === undefined ? {} : { hint }) }];
}

function render(problems: readonly Problem[]): string {
  const lines = problems.flatMap(({ file, line, column, key, message, code, hint }) => {
    const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    const what = `${key === undefined || key === '' ? '' : `\`${key}\` `}${message}${code === undefined ? '' : ` (${code})`}`;
    return [`${place}: ${what}`, ...(hint === undefined ? [] : [`  ${hint}`])];
  });
  return [
    ...lines,
    problems.length === 1 ? 'one thing is wrong' : `${problems.length} things are wrong`,
  ].join('\n');
}
