import { BMC_CLIENT } from '@turingpi/provisioning';
import { BmcError, type BmcErrorCode } from '@turingpi/bmc';
import { type PhaseStatus, type TuringPi, PluginError } from '@turingpi/core';

import { describe, expect, it } from 'vitest';
import { reachBoard } from './reach-board.js';

/** A cluster of which a board's answer and the phases of its nodes are known. */
function cluster(
  answer: BmcErrorCode | 'ok' | 'no controller',
  statuses: readonly PhaseStatus[] = ['pending'],
  firmware: {
    readonly refusal?: BmcErrorCode;
    readonly refusesRk1OnHub?: boolean;
    readonly boards?: string;
  } = {},
) {
  let logins = 0;
  const client = {
    login: () => {
      logins += 1;
      if (answer === 'ok') return Promise.resolve();
      return Promise.reject(new BmcError(answer as BmcErrorCode, 'the board says no', {}));
    },
    capabilities: () => {
      if (firmware.refusal) return Promise.reject(new BmcError(firmware.refusal, 'the board says no', {}));
      return Promise.resolve({ refusesRk1OnHub: firmware.refusesRk1OnHub === true, bmcdVersion: '2.29.0' });
    },
    usb: { get: () => Promise.resolve({ bus: 'hub' }) },
  };
  const boards = firmware.boards?.split(' ') ?? statuses.map(() => 'rk1');
  const nodes = new Map(boards.map((board, index) => [index + 1, { board }]));
  const status = new Map(statuses.map((phase, index) => [index + 1, { os_installation: { status: phase } }]));
  const service = (token: unknown) => {
    if (answer === 'no controller' || token !== BMC_CLIENT)
      throw new PluginError('PLUGIN_SERVICE_MISSING', 'none', { hint: 'none' });
    return client;
  };
  // A drive in this computer is on no board.
  const identity = () => Promise.resolve({});
  const extensions = { get: (_point: unknown, board: string) => (board === 'drive' ? {} : { identity }) };
  const notes: string[] = [];
  const turingPi = {
    ...{ config: { nodes }, status: () => Promise.resolve(status), registry: { service, extensions } },
  } as unknown as TuringPi;
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

  it('stops at the password of the factory, which only shows after the login', async () => {
    const code = 'BMC_FACTORY_PASSWORD';
    await expect(cluster('ok', ['pending'], { refusal: code }).reach()).rejects.toMatchObject({ code });
  });

  it('stops at firmware that cannot flash the module of a node that is to be installed, and names the node', async () => {
    const { reach } = cluster('ok', ['completed', 'failed'], { refusesRk1OnHub: true });
    await expect(reach()).rejects.toMatchObject({ code: 'BMC_FLASH_FIRMWARE_FAULT', details: { node: 2 } });
    await reach([1]);
    await cluster('ok', ['failed', 'completed'], { refusesRk1OnHub: true, boards: 'cm4 rk1' }).reach();
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

  it('is left out for modules that are on no board', async () => {
    const some = cluster('ok', ['pending', 'pending'], { boards: 'drive rk1' });
    await some.reach([1]);
    expect(some.logins()).toBe(0);
    await some.reach();
    expect(some.logins()).toBe(1);
    await cluster('BMC_PASSWORD_MISSING', ['pending'], { boards: 'drive' }).reach();
  });

  it('is left out where no board has such a controller', async () => {
    await expect(cluster('no controller').reach()).resolves.toBeUndefined();
  });
});
