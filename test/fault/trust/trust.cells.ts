import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { EVENTS } from './events.js';
import { APPROVALS, RECORDS, runCell } from './run-cell.js';

let certificateDir: string;

beforeAll(async () => {
  // One certificate for all boards: making a key is what takes longest.
  certificateDir = await mkdtemp(path.join(tmpdir(), 'turingpi-trust-certificate-'));
  await (await startVirtualBoard({ dir: certificateDir, httpPort: 'off' }))[Symbol.asyncDispose]();
});
afterAll(() => rm(certificateDir, { recursive: true, force: true }));

describe('trust', () => {
  for (const event of EVENTS)
    for (const record of RECORDS)
      for (const approval of APPROVALS)
        test.concurrent(`${event.name} × ${record} × ${approval}`, async ({ task }) => {
          const verdict = await runCell(event, record, approval, certificateDir);
          Object.assign(task.meta, { verdict });
        });
});
