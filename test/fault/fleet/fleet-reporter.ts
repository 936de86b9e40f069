import type { TestCase, TestModule } from 'vitest/node';
import type {} from './fleet-verdict.js';

/** Prints what was wrong, and how many nodes came to their end, as the last line. */
export default class FleetReporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result();
    const accidents = test.meta().fleet?.accidents ?? 0;
    process.stdout.write(`${state}: ${test.name}, ${accidents} accidents\n`);
    for (const { message } of errors) process.stdout.write(`${message}\n`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const verdicts = tests.map((test) => test.meta().fleet ?? { runs: 0, wrong: ['it did not come to its end'] });
    const failed = modules.flatMap((module) => module.errors()).map(({ message }) => message);
    for (const message of failed) process.stdout.write(`${message}\n`);
    const runs = verdicts.reduce((sum, verdict) => sum + verdict.runs, 0);
    const wrong = verdicts.reduce((sum, verdict) => sum + verdict.wrong.length, failed.length);
    process.stdout.write(`runs ${runs}, wrong ${wrong}\n`);
  }
}
