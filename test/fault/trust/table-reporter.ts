import type { Reporter, TestModule } from 'vitest/node';
import type { CellVerdict } from './run-cell.js';

/** Prints what happened in each cell, and last `cells N, wrong M`. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message?: string }[]): void {
    const rows: string[] = [];
    const complaints = unhandled.map(({ message }) => `outside of any cell: ${message ?? 'unknown'}`);
    let cells = 0;
    let wrong = unhandled.length;
    for (const module of modules) {
      for (const { message } of module.errors()) complaints.push(message);
      wrong += module.errors().length;
      for (const test of module.children.allTests()) {
        cells++;
        const { verdict } = test.meta() as { verdict?: CellVerdict };
        const good = test.result().state === 'passed';
        if (!good) {
          wrong++;
          complaints.push(
            `${test.name}: ${
              test
                .result()
                .errors?.map(({ message }) => message)
                .join('; ') ?? ''
            }`,
          );
        }
        rows.push(`${good ? ' ' : '✗'} ${test.name.padEnd(62)} ${describe(verdict)}`);
      }
    }
    const head = `  ${'event × record × approval'.padEnd(62)} asked blocked flashed skipped said`;
    process.stdout.write(
      `${[head, ...rows, '', ...complaints, `cells ${cells}, wrong ${wrong}`].join('\n')}\n`,
    );
  }
}

function describe(verdict: CellVerdict | undefined): string {
  if (verdict === undefined) return '?';
  const { asked, blocked, flashed, skipped, said } = verdict;
  const counts = [asked, blocked, flashed, skipped].map((count) => String(count).padEnd(7)).join(' ');
  return `${counts} ${said.join(' ')}`;
}
