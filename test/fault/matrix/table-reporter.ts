import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import type { CellVerdict } from './cell-verdict.js';
import { MOMENTS } from './moments.js';

interface Cell {
  readonly moment: string;
  readonly isGood: boolean;
  readonly verdict: CellVerdict | undefined;
  readonly complaint: string;
}
interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** Prints the fault matrix: a table for each file, then complaints, and last `cells N, wrong M`. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message?: string }[]): void {
    const tables = modules.map((module) => [...module.children.suites()].map(rowOf));
    const rows = tables.flat();
    const cells = rows.flatMap((row) => row.cells);
    const outside = [
      ...unhandled.map(({ message }) => `outside of any cell: ${message ?? 'unknown'}`),
      ...modules.flatMap((module) => module.errors().map(({ message }) => message)),
    ];
    const complaints = cells.filter(({ isGood }) => !isGood).map(({ complaint }) => complaint);
    const text = [
      ...tables.flatMap((table) => [...tableOf(table), '']),
      ...outside,
      ...complaints,
      `wrong module: v2.4 ${wrongModules(rows, true)}, v2.5 ${wrongModules(rows, false)}`,
      `cells ${cells.length}, wrong ${outside.length + complaints.length}`,
    ].join('\n');
    process.stdout.write(`${text}\n`);
  }
}

function rowOf(suite: TestSuite): Row {
  const ran = [...suite.children.tests()].filter((cell) => cell.result().state !== 'skipped');
  return { name: suite.name, cells: ran.map((cell) => cellOf(suite.name, cell)) };
}

function cellOf(row: string, cell: TestCase): Cell {
  const { verdict } = cell.meta() as { readonly verdict?: CellVerdict };
  const result = cell.result();
  const reasons = verdict?.wrong ?? result.errors?.map(({ message }) => message) ?? [];
  return {
    moment: cell.name,
    isGood: result.state === 'passed',
    verdict,
    complaint: `${row}, ${cell.name}: ${verdict?.outcome ?? 'no verdict'}: ${reasons.join('; ')}`,
  };
}

function tableOf(rows: readonly Row[]): readonly string[] {
  const present = [...new Set(rows.flatMap(({ cells }) => cells.map(({ moment }) => moment)))];
  const known: readonly string[] = MOMENTS;
  const moments = present.sort((a, b) => known.indexOf(a) - known.indexOf(b));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, modules: string, columns: readonly string[]): string =>
    [name.padEnd(width), modules.padEnd(14), ...columns.map((text) => text.padEnd(18))].join(' ').trimEnd();
  return [
    line('fault', 'wrong module', moments),
    ...rows.map((row) =>
      line(
        row.name,
        modulesOf(row),
        moments.map((moment) => short(row.cells.find((cell) => cell.moment === moment))),
      ),
    ),
  ];
}

/** How many modules were written that are not the target; in brackets those that the error named. */
function modulesOf(row: Row): string {
  const wrong = sum(row, ({ wrongModules: modules }) => modules.length);
  const named = sum(row, ({ namedModules }) => namedModules.length);
  return named === 0 ? `${wrong}` : `${wrong} (named ${named})`;
}

function wrongModules(rows: readonly Row[], onSwitch: boolean): number {
  const chosen = rows.filter(({ name }) => name.startsWith('v2.4') === onSwitch);
  return chosen.reduce((total, row) => total + sum(row, ({ wrongModules: modules }) => modules.length), 0);
}

function sum({ cells }: Row, of: (verdict: CellVerdict) => number): number {
  return cells.reduce((total, { verdict }) => total + (verdict ? of(verdict) : 0), 0);
}

/** `·` for a fault that found no flash at its moment. */
function short(cell: Cell | undefined): string {
  if (!cell) return '';
  const { verdict, isGood } = cell;
  if (!verdict) return '✗ ?';
  const outcome = verdict.outcome
    .replace(/^BMC_(FLASH_)?/, '')
    .toLowerCase()
    .slice(0, 17);
  return `${isGood ? '' : '✗ '}${outcome}${verdict.happened ? '' : ' ·'}`;
}
