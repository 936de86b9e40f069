import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeReport } from '../../examples/write-report.js';
import { renderReport } from '../../packages/dashboard/src/index.js';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { eventfulRun } from '../../packages/dashboard/src/sample-run.fixture.js';

it('makes a report of the lines of a record', async () => {
  await ensureBuiltPage();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-report-'));
  try {
    const [record, report] = [path.join(folder, 'run.jsonl'), path.join(folder, 'report.html')];
    await writeFile(
      record,
      `${eventfulRun()
        .map((event) => JSON.stringify(event))
        .join('\n')}\n`,
    );
    await writeReport(record, report);
    expect(await readFile(report, 'utf8')).toBe(await renderReport(eventfulRun()));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
