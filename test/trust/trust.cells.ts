import { describe, test } from 'vitest';
import { EVENTS } from './events.js';
import { APPROVALS, RECORDS, runCell } from './run-cell.js';

describe('trust', () => {
  for (const event of EVENTS)
    for (const record of RECORDS)
      for (const approval of APPROVALS)
        test.concurrent(`${event.name} × ${record} × ${approval}`, async ({ task }) => {
          const verdict = await runCell(event, record, approval);
          Object.assign(task.meta, { verdict });
        });
});
