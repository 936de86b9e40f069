import { Node1, Node2, Node3, Node4, type NodeId } from '@turingpi/foundation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressCircle } from './address-circle.js';

const changes = (...moves: readonly (readonly [NodeId, string, string])[]) =>
  new Map(moves.map(([id, now, wanted]) => [id, { now, wanted }] as const));

describe('nodes that wait for each other', () => {
  it('are told from those that wait for one that can go', () => {
    const swap = changes([Node1, 'a', 'b'], [Node2, 'b', 'a'], [Node3, 'c', 'a']);
    expect(addressCircle(Node1, swap)).toEqual([Node1, Node2]);
    expect(addressCircle(Node2, swap)).toEqual([Node2, Node1]);
    expect(addressCircle(Node3, swap)).toEqual([]); // it waits for the circle, and is not in it
    const chain = changes([Node1, 'a', 'b'], [Node2, 'b', 'c'], [Node4, 'd', 'd']);
    expect(addressCircle(Node1, chain)).toEqual([]);
    expect(addressCircle(Node4, chain)).toEqual([]); // it stays
    const three = changes([Node1, 'a', 'b'], [Node2, 'b', 'c'], [Node3, 'c', 'a']);
    expect(addressCircle(Node2, three)).toEqual([Node2, Node3, Node1]);
  });

  const ids = [Node1, Node2, Node3, Node4];
  it('are the cycles of where everybody goes, whatever that is', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ids, { minLength: 4 }), (goals) => {
        const moves = new Map(
          ids.map((id, index) => [id, { now: String(id), wanted: String(goals[index]) }] as const),
        );
        for (const id of ids) {
          const circle = addressCircle(id, moves);
          if (circle.length === 0) expect(moves.get(id)?.wanted).toBe(String(id));
          else
            for (const [index, one] of circle.entries())
              expect(moves.get(one)?.wanted).toBe(String(circle[(index + 1) % circle.length]));
        }
      }),
    );
  });
});
