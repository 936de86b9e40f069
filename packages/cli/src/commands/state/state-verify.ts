import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';
import { openRecordsOfBoards, type StateCommandOptions } from './open-records.js';

/** `turingpi state verify`: looks whether the records are whole. @returns 1 when there is a problem. */
export async function stateVerify(options: StateCommandOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => undefined);
  await using opened = await openRecordsOfBoards(options, terminal);
  const boards = [];
  for (const { board, records } of opened.each) {
    const findings = await records.verify({ signal: interruption.signal });
    const problems = findings.filter(({ kind }) => kind === 'problem').length;
    boards.push({ ...(board && { name: board }), location: records.location, problems, findings });
  }
  const problems = boards.reduce((sum, board) => sum + board.problems, 0);
  if (options.json === true)
    terminal.stdout.write(`${JSON.stringify(opened.isOne ? boards[0] : { problems, boards })}\n`);
  else
    for (const { name, location, problems: count, findings } of boards) {
      for (const { kind, place, message, code } of findings) {
        const where = name === undefined ? place : `${name}: ${place}`;
        const text = `${kind}: ${where}: ${message}${code === undefined ? '' : ` (${code})`}`;
        terminal.stdout.write(`${printable(text)}\n`);
      }
      const found = count === 1 ? '1 problem' : `${count} problems`;
      terminal.stdout.write(`${printable(location)}: ${count === 0 ? 'all is well' : found}\n`);
    }
  return problems === 0 ? EXIT.ok : EXIT.failed;
}
