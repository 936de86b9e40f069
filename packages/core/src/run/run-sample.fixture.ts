import { hostname } from 'node:os';
import type { RunStarted } from './run-record.js';

/** The first event of a run of this process, without its place. */
export function startedEvent(changes: Partial<RunStarted> = {}): Omit<RunStarted, 'seq' | 'runId'> {
  return {
    type: 'run:started',
    at: '2026-01-02T03:04:05.678Z',
    schema: 1,
    command: 'up',
    version: '0.1.0',
    boards: [{ address: '10.0.0.2' }],
    nodes: [{ nodeId: 1, hostname: 'one', module: 'rk1', address: '10.0.0.11' }],
    pid: process.pid,
    host: hostname(),
    ...changes,
  };
}
