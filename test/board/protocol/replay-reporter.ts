import type { Reporter, TestModule } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** How many recorded exchanges or scenarios a test compared. */
    replayed?: number;
  }
}

/** Closes a run with `replayed N, differ N`: recorded exchanges compared, and tests that did not agree. */
export default class ReplayReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let replayed = 0;
    let differ = unhandledErrors.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') replayed += test.meta().replayed ?? 0;
        if (state === 'failed') differ += 1;
      }
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) differ += 1;
    }
    process.stdout.write(`\nreplayed ${replayed}, differ ${differ}\n`);
  }
}
