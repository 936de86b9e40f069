import { TuringPiError } from '@turingpi/core';
import { examineBoards } from '@turingpi/core/plugin';
import { loadConfig } from '@turingpi/provisioning';
import { configurationFindings } from '../../board/configuration-findings.js';
import { type DoctorOptions, type Examined, examineBoard } from '../../board/examine-board.js';
import { configurationMeant } from '../../board/open-board.js';
import { type AnyFinding, isWrong, printFindings, printVerdict } from '../../board/report-findings.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';

/**
 * `turingpi doctor`: what is wrong in the configuration, with its boards, with the records and the cache of this computer, and
 * what killed runs left here; with `--fix` undoes what can be undone without harm. Of several boards each is looked at, the
 * others also where one of them cannot be.
 */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const configFile = configurationMeant(options, terminal.cwd);
  const declared =
    configFile === undefined
      ? []
      : await configurationFindings(configFile, terminal, {
          withoutSecrets: options.offline === true,
          signal,
        });
  const boards = configFile === undefined ? [] : await severalBoards(configFile, options);
  if (boards.length === 0)
    return conclude(
      await examineBoard(options, { declared, computer: true }, terminal, signal),
      options,
      terminal,
    );
  const all: Examined[] = [{ findings: declared, fixed: [] }];
  if (options.json !== true) printFindings(declared, terminal);
  for (const [index, board] of boards.entries()) {
    const how = { declared: [], computer: index === boards.length - 1 };
    if (options.json !== true) terminal.stdout.write(`${printable(board)}:\n`);
    const { findings, fixed } = await examineBoard({ ...options, board }, how, terminal, signal).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        if (!TuringPiError.is(error)) throw error;
        const { code, message, hint } = error;
        // What is wrong with the file was told above.
        const findings: AnyFinding[] =
          declared.length > 0 && error.category === 'configuration'
            ? []
            : [{ code, severity: 'error', message, hint, fixable: false }];
        if (options.json !== true) printFindings(findings, terminal);
        return { findings, fixed: [] };
      },
    );
    all.push({ findings: findings.map((found) => ({ ...found, board })), fixed });
  }
  const examined = {
    findings: all.flatMap(({ findings }) => findings),
    fixed: all.flatMap(({ fixed }) => fixed),
  };
  return conclude(examined, options, terminal);
}

/** The boards of a configuration that has several, where none of them is named. */
async function severalBoards(configFile: string, { board, node }: DoctorOptions): Promise<readonly string[]> {
  if (board !== undefined || node !== undefined) return []; // a node without its board is of none that is known
  // One that cannot be read is told as it is of one board.
  const file = await loadConfig(configFile).catch(() => undefined);
  const boards = file === undefined ? [] : examineBoards(file.input).boards;
  const names = boards.map(({ name }) => name).filter((name) => name !== undefined);
  return names.length > 1 ? names : [];
}

/** @returns the exit code */
function conclude(
  { findings, fixed }: Examined,
  { json = false, fix = false }: DoctorOptions,
  terminal: Terminal,
): number {
  const healthy = !findings.some(isWrong);
  if (json) {
    const shown = findings.map(({ board, code, severity, message, hint, fixable }) => ({
      ...(board !== undefined && { board }),
      ...{ code, severity, message, hint, fixable },
    }));
    terminal.stdout.write(`${JSON.stringify({ healthy, findings: shown, fixed })}\n`);
  } else printVerdict(findings, { offersFix: !fix }, terminal);
  return healthy ? EXIT.ok : EXIT.failed;
}
