import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach } from 'vitest';

/*
 * In every test of the repository the virtual board judges: whatever of ours writes to a disk without an approved
 * erasure, or cuts the power of a node that nobody named, fails the test. Programs that a test starts inherit the
 * variables; no package is loaded here, as most tests need no board.
 */
const prefix = path.join(os.tmpdir(), `turingpi-judge-${process.pid}-${randomUUID()}`);
const ledger = `${prefix}.ledger`;
const findings = `${prefix}.findings`;
process.env['TURINGPI_ERASE_LEDGER'] = ledger;
process.env['TURINGPI_BOARD_FINDINGS'] = findings;

afterEach(judge);
afterAll(() => {
  judge();
  rmSync(ledger, { force: true });
});

/** @throws Error with what was found since it was last called */
function judge(): void {
  let found: string;
  try {
    found = readFileSync(findings, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(findings);
  throw new Error(`the virtual board found:\n${found}`);
}
