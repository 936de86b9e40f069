import type { Reporter, TestModule } from 'vitest/node';
import { MOMENTS } from './moments.js';
import type { CellVerdict } from './run-cell.js';

/** Prints the fault matrix, and last `cells N, wrong M`. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message?: string }[]): void {
    const lines: string[] = [];
    const complaints: string[] = unhandled.map(
      ({ message }) => `outside of any cell: ${message ?? 'unknown'}`,
    );
    let cells = 0;
    let wrong = unhandled.length;
    for (const suite of modules.flatMap((module) => [...module.children.suites()])) {
      const row = MOMENTS.map((moment) => {
        const cell = [...suite.children.tests()].find(({ name }) => name === moment);
        if (!cell) return '';
        cells++;
        const { verdict } = cell.meta() as { verdict?: CellVerdict };
        const good = cell.result().state === 'passed';
        if (!good) {
          wrong++;
          const reasons = verdict?.wrong ?? cell.result().errors?.map(({ message }) => message) ?? [];
          complaints.push(
            `${suite.name}, ${moment}: ${verdict?.outcome ?? 'no verdict'}: ${reasons.join('; ')}`,
          );
        }
        return `${good ? '' : '✗ '}${short(verdict)}`;
      });
      lines.push([suite.name.padEnd(28), ...row.map((text) => text.padEnd(18))].join(' ').trimEnd());
    }
    const failedModules = modules.flatMap((module) => module.errors().map(({ message }) => message));
    wrong += failedModules.length;
    const head = ['fault'.padEnd(28), ...MOMENTS.map((moment) => moment.padEnd(18))].join(' ').trimEnd();
    const text = [head, ...lines, '', ...failedModules, ...complaints, `cells ${cells}, wrong ${wrong}`].join(
      '\n',
    );
    process.stdout.write(`${text}\n`);
  }
}

/** `·` for a fault that found no flash at its moment. */
function short(verdict: CellVerdict | undefined): string {
  if (!verdict) return '?';
  const outcome = verdict.outcome
    .replace(/^BMC_(FLASH_)?/, '')
    .toLowerCase()
    .slice(0, 17);
  return verdict.happened ? outcome : `${outcome} ·`;
}
