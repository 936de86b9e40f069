import path from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

it.each(['action-line', 'rack', 'strategy-copy'])('the example %s passes its suites', async (name) => {
  const program = path.join(ROOT, 'packages/conformance/bin/turingpi-conformance.js');
  const { exitCode, stdout } = await execa(process.execPath, [program, '.'], {
    cwd: path.join(ROOT, 'examples/plugins', name),
    reject: false,
  });
  expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed$/);
  expect(exitCode).toBe(0);
});
