import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';
import { openRecords, type StateCommandOptions } from './open-records.js';

/** `turingpi state verify`: looks whether the records are whole. @returns 1 when there is a problem. */
export async function stateVerify(options: StateCommandOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => undefined);
  await using opened = await openRecords(options, terminal);
  const { records } = opened;
  const findings = await records.verify({ signal: interruption.signal });
  const problems = findings.filter(({ kind }) => kind === 'problem').length;
  if (options.json === true)
    terminal.stdout.write(`${JSON.stringify({ location: records.location, problems, findings })}\n`);
  else {
    for (const { kind, place, message, code } of findings) {
      const text = `${kind}: ${place}: ${message}${code === undefined ? '' : ` (${code})`}`;
      terminal.stdout.write(`${printable(text)}\n`);
    }
    const found = problems === 1 ? '1 problem' : `${problems} problems`;
    terminal.stdout.write(`${printable(records.location)}: ${problems === 0 ? 'all is well' : found}\n`);
  }
  return problems === 0 ? EXIT.ok : EXIT.failed;
}
