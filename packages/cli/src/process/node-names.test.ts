import { expect, it } from 'vitest';
import { nodesOn, parseNodeNames } from './node-names.js';

it('numbers are on the board that --board names, which alone is all of it; a node of another one is refused', () => {
  expect(nodesOn(undefined, undefined)).toBeUndefined();
  expect(nodesOn(undefined, parseNodeNames('shelf/1,2'))).toEqual([
    { board: 'shelf', id: 1 },
    { board: 'shelf', id: 2 },
  ]);
  expect(nodesOn('shelf', undefined)).toEqual([{ board: 'shelf' }]);
  expect(nodesOn('shelf', parseNodeNames('1,3'))).toEqual([
    { board: 'shelf', id: 1 },
    { board: 'shelf', id: 3 },
  ]);
  expect(nodesOn('shelf', parseNodeNames('shelf'))).toEqual([{ board: 'shelf' }]);
  expect(() => nodesOn('shelf', parseNodeNames('1,rack/2'))).toThrow(/rack\/2 is not on shelf/);
});
