import { writeFile } from 'node:fs/promises';
import { foldRun, renderReport } from '@turingpi/dashboard';

// As `turingpi up` writes them, a line each, to cache/runs/*.jsonl.
const run = { runId: 'r1', schema: 1, command: 'up', version: '0.1.0', pid: 1, host: 'desk' };
const node = { nodeId: 1, hostname: 'node1', module: 'rk1', address: '192.0.2.101' };
const boards = [{ address: '192.0.2.90' }];
const at = '2026-01-01T12:00:00.000Z';
const events = [{ seq: 0, at, type: 'run:started', ...run, boards, nodes: [node] }];

console.log(foldRun(events).nodes[0].hostname); // → node1
await writeFile('report.html', await renderReport(events));
