import { expect, it } from 'vitest';
import { nodesToSwitchOff, type OtherNodes } from './other-nodes.js';

type Api = Parameters<typeof nodesToSwitchOff>[2];

/** A board on which nodes 1 and 3 are on; node 3 prints these texts, one a look. */
function boardWith(texts: readonly string[]): Api {
  const left = [...texts];
  return {
    power: { get: () => Promise.resolve({ 1: 'on', 2: 'off', 3: 'on', 4: 'off' }) },
    console: { read: () => Promise.resolve(left.shift() ?? '') },
  } as unknown as Api;
}
const others = (given: Partial<OtherNodes>): OtherNodes => ({
  managed: [],
  isRunning: () => Promise.resolve(false),
  ...given,
});

it('refuses to flash beside a node that was not named, and names it', async () => {
  await expect(nodesToSwitchOff(1, others({}), boardWith([]), {})).rejects.toMatchObject({
    code: 'BMC_FLASH_OTHER_NODES_ON',
    details: { nodes: [3] },
    hint: expect.stringContaining('power off --node 3') as string,
  });
  expect(await nodesToSwitchOff(1, others({ managed: [3] }), boardWith([]), {})).toEqual([3]);
});

it('waits for a node that is booting', async () => {
  const booting = boardWith(['U-Boot 2017.09\r\n', '[    0.000000] Linux version 6.1.0\r\n']);
  expect(await nodesToSwitchOff(1, others({ graceMs: 30_000 }), booting, {})).toEqual([]);
});

it('stops waiting when it is aborted', async () => {
  const abort = new AbortController();
  const waiting = nodesToSwitchOff(1, others({ graceMs: 30_000 }), boardWith([]), { signal: abort.signal });
  const reason = new Error('stopped');
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
