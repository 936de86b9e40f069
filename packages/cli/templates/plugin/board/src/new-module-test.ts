import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotOfVirtualBoard } from './slot-of-virtual-board.js';

await test('is flashed through the board controller', async () => {
  const opened = await slotOfVirtualBoard();
  try {
    assert.equal(opened.board.id, 'new-module');
    assert.deepEqual(
      opened.board.strategies.map(({ id }) => id),
      ['flash'],
    );
  } finally {
    await opened[Symbol.asyncDispose]();
  }
});
