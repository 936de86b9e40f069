import type { Reporter, TestModule } from 'vitest/node';
import type {} from './fleet-verdict.js';

/** Prints what befell a fleet and what was wrong, and last `runs N, wrong M`, where a run is that of a node. */
export default class FleetReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message?: string }[]): void {
    let runs = 0;
    const wrong = [
      ...unhandled.map(({ message }) => `outside of any test: ${message ?? 'unknown'}`),
      ...modules.flatMap((module) => module.errors().map(({ message }) => message)),
    ];
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
      const verdict = test.meta().fleet;
      const { state, errors = [] } = test.result();
      runs += verdict?.runs ?? 0;
      wrong.push(...(verdict?.wrong ?? []));
      if (state === 'failed' && (verdict?.wrong ?? []).length === 0)
        wrong.push(...errors.map(({ message }) => `${test.name}: ${message}`));
      if (state === 'skipped') wrong.push(`${test.name}: was not run`);
      const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
      process.stdout.write(`${state} ${test.name} (${seconds} s)\n`);
      for (const what of verdict?.accidents ?? []) process.stdout.write(`  ${what}\n`);
    }
    for (const what of wrong) process.stdout.write(`wrong: ${what}\n`);
    process.stdout.write(`runs ${runs}, wrong ${wrong.length}\n`);
  }
}
