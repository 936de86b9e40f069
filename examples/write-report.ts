// A page of a run's record, to look at or to send.
import { readFile, writeFile } from 'node:fs/promises';
import type { RunEvent } from '@turingpi/core/plugin';
import { renderReport } from '@turingpi/dashboard';

export async function writeReport(record: string, report: string): Promise<void> {
  const events: RunEvent[] = [];
  for (const line of (await readFile(record, 'utf8')).split('\n'))
    if (line !== '') events.push(JSON.parse(line) as RunEvent);
  await writeFile(report, await renderReport(events));
}
