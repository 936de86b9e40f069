import path from 'node:path';
import { silentLogger } from '@turingpi/foundation';
import { expect, it, vi } from 'vitest';
import { temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { StateError } from '../errors/state-error.js';
import { FileStateStore } from '../state/file-state-store.js';
import { BoardGuard } from './board-guard.js';

const BOARD = { mac: '02:00:00:00:00:01' };
const { signal } = new AbortController();

async function sample() {
  const state = new FileStateStore(path.join(await temporaryDirectory(), 'state.json'));
  const ask = () => Promise.resolve(BOARD);
  const guard = new BoardGuard({ state, ask, project: 'lab', now: () => new Date(0), logger: silentLogger });
  return { state, guard };
}

it('records that name no board, and cannot be written, keep nobody from looking', async () => {
  const { state, guard } = await sample();
  const failure = new StateError('STATE_WRITE_FAILED', 'read-only', { hint: 'Check it.' });
  vi.spyOn(state, 'bind').mockRejectedValue(failure);
  expect(await guard.check(signal)).toBe(`mac:${BOARD.mac}`);
});

it('records that another run has bound meanwhile stay as they are, and are compared', async () => {
  const { state, guard } = await sample();
  const theirs = { mac: '02:00:00:00:00:02', project: 'lab', since: '2026-01-02T03:04:05.678Z' };
  vi.spyOn(state, 'load').mockImplementationOnce(async () => {
    const before = await state.load();
    await state.bind(theirs);
    return before;
  });
  await expect(guard.check(signal)).rejects.toMatchObject({ code: 'BOARD_CHANGED' });
  expect((await state.load()).board).toEqual(theirs);
});

it('asks anew after it could not compare: what was in the way may pass', async () => {
  const { state, guard } = await sample();
  const failure = new StateError('STATE_LOCKED', 'somebody writes', { hint: 'Wait.' });
  vi.spyOn(state, 'load').mockRejectedValueOnce(failure);
  await expect(guard.check(signal)).rejects.toMatchObject({ code: 'STATE_LOCKED' });
  expect(await guard.check(signal)).toBe(`mac:${BOARD.mac}`);
});
