import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with one plain line, `booted N, failed M`, for scripts that read the outcome. */
export default class BootReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let booted = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      booted += states.filter((state) => state === 'passed').length;
      const failures = states.filter((state) => state === 'failed').length;
      failed += module.state() === 'failed' ? Math.max(1, failures) : failures;
    }
    process.stdout.write(`\nbooted ${String(booted)}, failed ${String(failed)}\n`);
  }
}
