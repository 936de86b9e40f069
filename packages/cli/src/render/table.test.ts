import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderTable } from './table.js';

it('shows rows below their head', () => {
  expect(
    renderTable(
      ['node', 'status'],
      [
        ['Node1', 'completed'],
        ['Node2', 'failed'],
      ],
    ),
  ).toBe(['node   status', 'Node1  completed', 'Node2  failed', ''].join('\n'));
});

it('shows cells of several lines', () => {
  expect(renderTable(['node', 'disks', 'time'], [['Node1', 'sda\nnvme0n1', '1 s']])).toBe(
    ['node   disks    time', 'Node1  sda      1 s', '       nvme0n1', ''].join('\n'),
  );
});

it('wraps the widest column where the whole is too wide', () => {
  const why = 'the node did not answer and nothing of it was changed';
  expect(renderTable(['node', 'why', 'time'], [['Node1', why, '12 s']], 40)).toBe(
    [
      'node   why                          time',
      'Node1  the node did not answer and  12 s',
      '       nothing of it was changed',
      '',
    ].join('\n'),
  );
});

it('never goes beyond the width, and loses no letter', () => {
  const cell = fc.stringMatching(/^[a-z]{0,60}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, columns) => {
        const text = renderTable(['one', 'two', 'three'], rows, columns);
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
        const letters = (of: string) => Array.from(of.replaceAll(/\s/g, '')).sort().join('');
        expect(letters(text)).toBe(letters(['one', 'two', 'three', ...rows.flat()].join('')));
      },
    ),
  );
});
