import type { Finding } from '@turingpi/bmc';
import type { Terminal } from '../process/terminal.js';
import { printableLines } from '../render/printable.js';
import { wrapped } from '../render/wrapped.js';

/** What `turingpi doctor` finds, wherever. */
export type AnyFinding = Omit<Finding, 'code' | 'repair'> & { readonly code: string };

const MARKS: Readonly<Record<Finding['severity'], string>> = {
  ok: 'ok      ',
  note: 'note    ',
  warning: 'WARNING ',
  error: 'ERROR   ',
};

/** Whether something is to be done about it. */
export function isWrong({ severity }: Pick<AnyFinding, 'severity'>): boolean {
  return severity === 'warning' || severity === 'error';
}

/** Each with its advice, in the width of the terminal. */
export function printFindings(findings: readonly AnyFinding[], { stdout }: Terminal): void {
  stdout.write(findings.map((found) => render(found, stdout.columns)).join(''));
}

/** The last line: how many are wrong, and what can be done about them. */
export function printVerdict(
  findings: readonly AnyFinding[],
  { offersFix }: { readonly offersFix: boolean },
  { stdout }: Terminal,
): void {
  const wrong = findings.filter(isWrong).length;
  const noted = findings.filter(({ severity }) => severity === 'note').length;
  const offered =
    offersFix && findings.some(({ fixable }) => fixable)
      ? '; turingpi doctor --fix undoes what is marked fixable'
      : '';
  const notes = noted === 0 ? '' : `; ${noted} ${noted === 1 ? 'note is' : 'notes are'} above`;
  const count = wrong === 0 ? 'nothing is' : wrong === 1 ? '1 thing is' : `${wrong} things are`;
  stdout.write(`${count} wrong${notes}${offered}\n`);
}

function render({ code, severity, message, hint, fixable }: AnyFinding, columns: number | undefined): string {
  const tail = severity === 'ok' ? '' : ` [${code}${fixable ? ', fixable' : ''}]`;
  const advice = hint === undefined || severity === 'ok' ? '' : `          ${hint}\n`;
  return printableLines(`${MARKS[severity]}${message}${tail}\n${advice}`)
    .split('\n')
    .map((line) => wrapped(line, columns, 10))
    .join('\n');
}
