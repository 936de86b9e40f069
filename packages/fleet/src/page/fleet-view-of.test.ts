import { describe, expect, it } from 'vitest';
import type { BoardState, FleetStatus, RolloutStatus } from '../orchestrator/fleet-status.js';
import { fleetViewOf, type ViewedFleet } from './fleet-view-of.js';

const limits = { customise: 1, install: 1, postInstall: 1 };
const board = (id: string, site: string) => ({ id, site, labels: {}, configuration: '/none' });
const fleet: ViewedFleet = {
  name: 'labs',
  sites: [
    { id: 'north', limits },
    { id: 'south', limits },
  ],
  boards: [board('rack1', 'north'), board('rack2', 'south')],
  engine: { id: 'temporal', settings: {} },
};
const now = new Date('2026-01-02T03:04:05.000Z');
const rollout = (id: string, states: Readonly<Record<string, BoardState>>): RolloutStatus => ({
  id,
  boards: Object.entries(states).map(([name, state]) => ({
    ...{ board: name, site: 'north', state },
    nodes: [{ node: 1, state, step: 'postInstall' }],
  })),
});
const viewOf = (status: Partial<FleetStatus>, links?: Parameters<typeof fleetViewOf>[2]['links']) =>
  fleetViewOf(fleet, { rollouts: [], agents: [], draining: [], ...status }, { now, links });

describe('the picture of a fleet', () => {
  it('has all sites and boards of its file, with nothing going on', () => {
    expect(viewOf({})).toEqual({
      ...{ fleet: 'labs', at: now.toISOString(), engine: { name: 'temporal' }, rollouts: [] },
      sites: [
        {
          site: 'north',
          draining: false,
          agents: [],
          boards: [{ board: 'rack1', state: 'idle', nodes: [] }],
        },
        {
          site: 'south',
          draining: false,
          agents: [],
          boards: [{ board: 'rack2', state: 'idle', nodes: [] }],
        },
      ],
    });
  });

  it('has a board as the newest rollout left it that has begun with it', () => {
    const stateOf = (...rollouts: readonly RolloutStatus[]) => viewOf({ rollouts }).sites[0]!.boards[0];
    const first = rollout('first', { rack1: 'failed' });
    expect(stateOf(first, rollout('second', { rack1: 'completed' }))).toMatchObject({
      ...{ state: 'completed', rollout: 'second', nodes: [{ step: 'post' }] },
    });
    for (const state of ['waiting', 'not started'] as const)
      expect(stateOf(first, rollout('second', { rack1: state }))).toMatchObject({
        ...{ state: 'failed', rollout: 'first' },
      });
    expect(stateOf(rollout('second', { rack1: 'waiting' }))).toMatchObject({ state: 'waiting' });
  });

  it('shows what a rollout is about that the file does not have any more', () => {
    const { sites, rollouts } = viewOf({
      rollouts: [rollout('first', { gone: 'completed' }), rollout('second', { rack1: 'running' })],
    });
    expect(sites[0]!.boards.map((one) => one.board)).toEqual(['rack1', 'gone']);
    expect(rollouts.map(({ id, state }) => `${id} ${state}`)).toEqual(['second running', 'first running']);
  });

  it('takes an agent for silent that has given no sign for longer than one that waits would', () => {
    const seen = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
    const agents = [10, 70, 120].map((seconds) => ({
      id: `${seconds}`,
      site: 'south',
      seenAt: seen(seconds),
    }));
    const [, south] = viewOf({ agents, draining: ['south'] }).sites;
    expect(south).toMatchObject({ draining: true });
    expect(south!.agents.map(({ alive }) => alive)).toEqual([true, true, false]);
  });

  it('leads to the page of the engine where there is one', () => {
    const links = {
      page: 'https://t',
      rollout: (id: string) => `r/${id}`,
      board: (name: string) => `b/${name}`,
    };
    const view = viewOf({ rollouts: [rollout('first', { rack1: 'running' })] }, links);
    expect(view).toMatchObject({
      engine: { page: 'https://t' },
      rollouts: [{ page: 'r/first' }],
      sites: [{ boards: [{ page: 'b/rack1' }] }, {}],
    });
  });
});
