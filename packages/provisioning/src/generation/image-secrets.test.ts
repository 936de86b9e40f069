import type { Context, JsonValue } from '@turingpi/core/plugin';
import { expect, it } from 'vitest';
import { imageSecretsOf } from './image-secrets.js';

/** A node whose secrets are kept in memory, on a board that tells its id or does not. */
function contextOf(kept: Map<number, JsonValue>, boardId: string | undefined) {
  return {
    node: { id: 1 },
    boardId: () => Promise.resolve(boardId),
    generations: {
      secretsOf: async <T extends JsonValue>(generation: number, make: () => Promise<T>): Promise<T> => {
        if (!kept.has(generation)) kept.set(generation, await make());
        return kept.get(generation) as T;
      },
    },
  } as unknown as Context;
}

it('keeps the board that a generation was made for, whether or not it answers later', async () => {
  const kept = new Map<number, JsonValue>();
  const first = await imageSecretsOf(contextOf(kept, 'mac:02:00:00:00:00:01'), 1);
  expect(first.boardId).toBe('mac:02:00:00:00:00:01');
  const again = await imageSecretsOf(contextOf(kept, undefined), 1);
  expect(again).toEqual(first);
  const next = await imageSecretsOf(contextOf(kept, undefined), 2);
  expect(next.boardId).toBeUndefined();
  expect(next.installationId).not.toBe(first.installationId);
});
