import { PassThrough } from 'node:stream';
import { BmcError } from '@turingpi/bmc';
import { expect, it } from 'vitest';
import { ConsoleTypist } from './console-typist.js';

/** A board that a transfer has, or has not. */
function boardWith() {
  const board = {
    isBusy: false,
    looks: 0,
    async useBoard<T>(_options: unknown, work: () => Promise<T>): Promise<T> {
      board.looks += 1;
      if (board.isBusy) throw new BmcError('BMC_FLASH_BUSY', 'process 7 is flashing node 1');
      return work();
    },
  };
  return board;
}

it('types in order, and looks for a transfer first; what is typed during one is told once and does not arrive later', async () => {
  const board = boardWith();
  const notes: string[] = [];
  const line = new PassThrough();
  const typist = new ConsoleTypist(board, 1, new AbortController().signal, (text) => notes.push(text));
  typist.useLine(line);
  board.isBusy = true;
  typist.type(Buffer.from('re'));
  typist.type(Buffer.from('set\r'));
  await expect.poll(() => board.looks).toBe(2);
  expect(notes).toEqual([expect.stringContaining('not typed: process 7 is flashing node 1')]);
  board.isBusy = false;
  for (const keys of ['a', 'b', 'c']) typist.type(Buffer.from(keys));
  await expect.poll(() => line.readableLength).toBe(3);
  expect(String(line.read())).toBe('abc');
  expect(board.looks, 'not for every key').toBe(3);
  typist.useLine(undefined);
  typist.type(Buffer.from('lost'));
  await expect.poll(() => notes).toHaveLength(2);
  typist.useLine(line);
  typist.type(Buffer.from('d'));
  await expect.poll(() => line.readableLength).toBe(1);
});
