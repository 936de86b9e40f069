import type { Reporter, TestModule } from 'vitest/node';
import './crash-verdict.js';

/** Prints what each test has found, and last `killed N, wrong M`. */
export default class KilledReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message?: string }[]): void {
    let killed = 0;
    const wrong = [
      ...unhandled.map(({ message }) => `outside of any test: ${message ?? 'unknown'}`),
      ...modules.flatMap((module) => module.errors().map(({ message }) => message)),
    ];
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
      const verdict = test.meta().crash;
      const { state, errors = [] } = test.result();
      killed += verdict?.killed ?? 0;
      wrong.push(...(verdict?.wrong ?? []).map((what) => `${test.name}: ${what}`));
      if (state === 'failed' && (verdict?.wrong ?? []).length === 0)
        wrong.push(...errors.map(({ message }) => `${test.name}: ${message}`));
      const ms = Math.round(test.diagnostic()?.duration ?? 0);
      process.stdout.write(`${state} ${test.name}: ${verdict?.told ?? ''} (${(ms / 1000).toFixed(1)} s)\n`);
    }
    for (const what of wrong) process.stdout.write(`wrong: ${what}\n`);
    process.stdout.write(`killed ${killed}, wrong ${wrong.length}\n`);
  }
}
