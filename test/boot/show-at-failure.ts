import { readFile } from 'node:fs/promises';
import type { TestContext } from 'vitest';

const CONSOLE_LINES = 60;

/** Shows the ends of files, as consoles of nodes, when the test fails. */
export function showAtFailure(onTestFailed: TestContext['onTestFailed'], ...files: readonly string[]): void {
  onTestFailed(async () => {
    for (const file of files) {
      const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(-CONSOLE_LINES);
      process.stderr.write(`\n--- end of ${file}\n${lines.join('\n')}\n---\n`);
    }
  });
}
