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

it('wraps a path after its slashes', () => {
  expect(renderTable(['what', 'in'], [['@scope/os', 'node_modules/@scope/some-os']], 26)).toBe(
    ['what       in', '@scope/os  node_modules/', '           @scope/some-os', ''].join('\n'),
  );
});

it('breaks no word: a row is a list where there is no room for its words', () => {
  const runs = [
    ['20261130T141530-up', 'up --erase all', ''],
    ['20261130T141700-up', 'plan', 'completed'],
  ];
  expect(renderTable(['run', 'command', 'outcome'], runs, 30)).toBe(
    [
      'run      20261130T141530-up',
      'command  up --erase all',
      '',
      'run      20261130T141700-up',
      'command  plan',
      'outcome  completed',
      '',
    ].join('\n'),
  );
});

it('never goes beyond the width, loses no letter, and breaks no word that fits', () => {
  const cell = fc.stringMatching(/^[a-z/ ]{0,60}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, columns) => {
        const text = renderTable(['ONE', 'TWO', 'THREE'], rows, columns);
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
        const letters = (of: string) =>
          Array.from(of.replaceAll(/[\sA-Z]/g, ''))
            .sort()
            .join('');
        expect(letters(text)).toBe(letters(rows.flat().join('')));
        const words = rows.flat().flatMap((content) => content.split(/[ /]/));
        for (const word of words.filter(({ length }) => length <= columns - 'THREE  '.length))
          expect(text).toContain(word);
      },
    ),
  );
});
