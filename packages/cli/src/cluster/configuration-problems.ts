import path from 'node:path';
import { ConfigError, rankOf, TuringPiError } from '@turingpi/core';
import { examineDeclared, loadConfig } from '@turingpi/provisioning';
import { withEnvironment } from './open-cluster.js';
import { COMMANDS } from '../plugin/commands.js';
import { PROGRAM_DIR } from '../process/program-dir.js';
import type { Terminal } from '../process/terminal.js';
import { type ErrorIssue, errorRecord } from '../render/error.js';

/** What is wrong in a configuration: where, and what to do. */
export interface ConfigurationProblem extends Omit<ErrorIssue, 'key'> {
  /** As it is named from the working directory. */
  readonly file: string;
  readonly key?: string;
}

/**
 * Everything that is wrong in a configuration, as far as this computer can tell, the most useful first. Nothing is reached,
 * made or changed.
 *
 * @param file - absolute
 * @throws ConfigError `CONFIG_NOT_FOUND`
 */
export async function configurationProblems(
  file: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly ConfigurationProblem[]> {
  const shown = shownFile(file, terminal.cwd);
  return (await problemsIn(file, terminal, signal)).map((problem) => ({ file: shown, ...problem }));
}

/** A file as it is named from the working directory: one that is elsewhere, by its whole path. */
export function shownFile(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative.startsWith('..') ? file : relative;
}

/** `FILE:LINE:COLUMN`, and what is wrong there. */
export function problemText({ file, line, column, key, message, code }: ConfigurationProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const subject = key === undefined || key === '' ? '' : `\`${key}\` `;
  return `${place}: ${subject}${message}${code === undefined ? '' : ` (${code})`}`;
}

async function problemsIn(
  file: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly Omit<ConfigurationProblem, 'file'>[]> {
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

function listOf(error: TuringPiError): readonly Omit<ConfigurationProblem, 'file'>[] {
  const { issues, code, message, hint } = errorRecord(error);
  if (issues !== undefined) return issues.toSorted((a, b) => rankOf(a) - rankOf(b));
  return [{ message, code, ...(hint === undefined ? {} : { hint }) }];
}
