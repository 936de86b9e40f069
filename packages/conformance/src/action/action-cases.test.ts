import { definePlugin } from '@turingpi/core/plugin';
import { type PostInstallAction } from '@turingpi/provisioning';
import provisioningPlugin from '@turingpi/provisioning';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { actionCases } from './action-cases.js';

/** Writes a line to the node's log, as an action should. */
const GOOD: PostInstallAction<string> = {
  id: 'log',
  title: 'writes a line to the log',
  place: 'node',
  schema: z.string().min(1),
  inputs: async (line, { digest }) => ({ line: await digest(line) }),
  perform: async (line, { session, signal }) => {
    const node = await session();
    return (await node.exec(['logger', line], { signal })).stdout;
  },
};

const DOES_NOTHING: Partial<PostInstallAction<string>> = { perform: () => Promise.resolve('done') };

/** Names of the cases that an action fails in. */
async function failures(action: Partial<PostInstallAction<string>>): Promise<readonly string[]> {
  const cases = actionCases({
    plugin: definePlugin({
      name: 'tried',
      requires: [provisioningPlugin],
      actions: [{ ...GOOD, ...action }],
    }),
    id: 'log',
    input: 'hello',
    otherInput: 'good bye',
    inputWith: (secret) => secret,
    step: { log: 'hello' },
    wrongSteps: [{ step: { log: '' }, keys: ['log'] }],
  });
  const failed: string[] = [];
  for (const { name, run } of cases) await run().catch(() => failed.push(name));
  return failed;
}

describe('the suite for actions', () => {
  it('passes one that does what it should', async () => {
    expect(await failures({})).toEqual([]);
  });

  let count = 0;
  it.each<[string, Partial<PostInstallAction<string>>, string]>([
    ['has no title', { title: '' }, 'says what it is, and how it is called'],
    [
      'counts among its inputs',
      { inputs: () => ({ n: (count += 1) }) },
      'has equal digests for equal inputs',
    ],
    ['has no inputs', { inputs: () => ({}) }, 'has another digest for other work, and does it'],
    [
      'has its input in clear',
      { inputs: (line) => ({ line }) },
      'has a secret among its inputs as a keyed digest alone',
    ],
    [
      'does nothing',
      DOES_NOTHING,
      'does its work once, and then returns what is on record without touching the node',
    ],
    [
      'returns what JSON has no words for',
      { perform: async (...given) => (await GOOD.perform(...given), 1n as never) },
      'returns JSON, and no secret that is known',
    ],
    [
      'does not pass the signal on',
      {
        perform: async (line, { session }) => {
          const limit = AbortSignal.timeout(100); // of its own
          return (await (await session()).exec(['logger', line], { signal: limit })).stdout;
        },
      },
      'stops with the reason of the signal, soon, and is not on record then',
    ],
    [
      'hides that it was refused',
      { perform: (...given) => GOOD.perform(...given).catch(() => 'done') },
      'fails with an error that has a code when the node refuses, and is done again then',
    ],
    ['takes anything', { schema: z.any() }, 'tells everything that is wrong in a step, each at its place'],
    ['takes numbers', { schema: z.number() as never }, 'is a step of a configuration file'],
  ])('fails one that %s', async (_fault, action, name) => {
    expect(await failures(action)).toContain(name);
  });
});
