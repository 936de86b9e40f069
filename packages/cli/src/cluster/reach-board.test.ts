import { BMC_CLIENT, BmcError, type BmcErrorCode } from '@turingpi/bmc';
import type { PhaseStatus, TuringPi } from '@turingpi/core';
import { PluginError } from '@turingpi/core';
import { describe, expect, it } from 'vitest';
import { reachBoard } from './reach-board.js';

/** A cluster of which a board's answer and the phases of its nodes are known. */
function cluster(
  answer: BmcErrorCode | 'ok' | 'no controller',
  statuses: readonly PhaseStatus[] = ['pending'],
) {
  let logins = 0;
  const client = {
    login: () => {
      logins += 1;
      if (answer === 'ok') return Promise.resolve();
      return Promise.reject(new BmcError(answer as BmcErrorCode, 'the board says no', {}));
    },
  };
  const status = new Map(statuses.map((phase, index) => [index + 1, { os_installation: { status: phase } }]));
  const service = (token: unknown) => {
    if (answer === 'no controller' || token !== BMC_CLIENT)
      throw new PluginError('PLUGIN_SERVICE_MISSING', 'none', { hint: 'none' });
    return client;
  };
  const notes: string[] = [];
  const turingPi = { status: () => Promise.resolve(status), registry: { service } } as unknown as TuringPi;
  const reach = (nodes?: readonly (1 | 2)[]) =>
    reachBoard(turingPi, { nodes, signal: AbortSignal.timeout(1000), note: (text) => notes.push(text) });
  return { reach, notes, logins: () => logins };
}

describe('reaching the board before a run', () => {
  it.each([
    'BMC_UNTRUSTED',
    'BMC_CERTIFICATE_CHANGED',
    'BMC_AUTH_REFUSED',
    'BMC_BANNED',
    'BMC_PASSWORD_MISSING',
  ] as const)('%s stops everything', async (code) => {
    await expect(cluster(code).reach()).rejects.toMatchObject({ code });
  });

  it('says once that it does not answer, and goes on', async () => {
    const { reach, notes } = cluster('BMC_UNREACHABLE', ['pending', 'pending']);
    await reach();
    expect(notes).toEqual([expect.stringContaining('BMC_UNREACHABLE')]);
  });

  it('asks once for all nodes, and not at all when those that run are finished', async () => {
    const some = cluster('ok', ['completed', 'failed']);
    await some.reach();
    expect(some.logins()).toBe(1);
    await some.reach([1]);
    expect(some.logins()).toBe(1);
  });

  it('is left out where no board has such a controller', async () => {
    await expect(cluster('no controller').reach()).resolves.toBeUndefined();
  });
});
