import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOperatorKey, privateKeyOf, publicLineOf } from '../approval/operator-key.js';
import { loadFleet } from './load-fleet.js';
import { rolloutOf } from './rollout-of.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'turingpi-fleet-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const key = privateKeyOf(newOperatorKey());
const publicKey = key === undefined ? '' : publicLineOf(key);

async function load(...lines: readonly string[]) {
  const file = path.join(directory, 'fleet.yaml');
  await writeFile(file, lines.join('\n'));
  return loadFleet(file);
}

const WHOLE = [
  'fleet: labs',
  `operators: { ada: ${publicKey} }`,
  'sites:',
  '  north: { limits: { install: 2 } }',
  '  south: {}',
  'boards:',
  '  rack1: { site: north, labels: { stage: canary } }',
  '  rack2: { site: south, configuration: there/rack2.yaml }',
  'workflows:',
  '  - { labels: { stage: canary }, file: canary.yaml }',
  '  - { file: all.yaml }',
  'rollout:',
  '  atOnce: 2',
  '  windows: [{ days: [fri], from: "22:00", until: "06:00", timeZone: Europe/Berlin }]',
];

describe('a fleet file', () => {
  it('says sites, boards with their workflows, and how a rollout goes', async () => {
    const fleet = await load(...WHOLE);
    expect(fleet.name).toBe('labs');
    expect([...fleet.operators]).toEqual([['ada', publicKey]]);
    expect(fleet.sites[0]).toEqual({ id: 'north', limits: { customise: 1, install: 2, postInstall: 8 } });
    expect(fleet.boards).toEqual([
      {
        id: 'rack1',
        site: 'north',
        labels: { stage: 'canary' },
        configuration: path.join(directory, 'boards/rack1.yaml'),
        workflow: path.join(directory, 'canary.yaml'),
      },
      {
        id: 'rack2',
        site: 'south',
        labels: {},
        configuration: path.join(directory, 'there/rack2.yaml'),
        workflow: path.join(directory, 'all.yaml'),
      },
    ]);
    expect(fleet.policy).toMatchObject({
      atOnce: 2,
      stopAfterFailures: 1,
      windows: [{ days: [5], from: 1320, until: 360, timeZone: 'Europe/Berlin' }],
      retry: { attempts: 5 },
    });
  });

  it.each([
    [
      'a site that is not there',
      ['fleet: labs', 'sites: { north: {} }', 'boards:', '  rack1: { site: nort }'],
      ':4:12',
      'did you mean `north`?',
    ],
    ['a key that nobody knows', [...WHOLE, 'rolout: {}'], ':15:1', 'did you mean `rollout`?'],
    [
      'a key that is no key',
      [...WHOLE.slice(0, 1), 'operators: { eve: abc }', ...WHOLE.slice(2)],
      ':2:14',
      'Ed25519',
    ],
    [
      'a time that is none',
      [...WHOLE.slice(0, 13), '  windows: [{ from: "22", until: "06:00" }]'],
      ':14:15',
      'time',
    ],
    [
      'a zone that is none',
      [...WHOLE.slice(0, 13), '  windows: [{ from: "22:00", until: "06:00", timeZone: Moon }]'],
      ':14:46',
      'time zone',
    ],
    ['two stores', [...WHOLE, 'state: { postgres: {}, http: {} }'], ':15:1', 'one store'],
  ])('is told by line and column of %s', async (_what, lines, place, message) => {
    const error = (await load(...lines).catch((caught: unknown) => caught)) as Error & { code?: string };
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(`fleet.yaml${place}`);
    expect(error.message).toContain(message);
  });

  it('says where records are kept, for a site or for all', async () => {
    const lines = [
      'fleet: labs',
      'state: { postgres: { url: x } }',
      'engine: { temporal: { address: "a:1" } }',
    ];
    const sites = 'sites: { north: {}, south: { state: { http: { url: y } } } }';
    const fleet = await load(...lines, sites, 'boards: { rack1: { site: north }, rack2: { site: south } }');
    expect(fleet.boards.map(({ state }) => state)).toEqual([
      { postgres: { url: 'x' } },
      { http: { url: 'y' } },
    ]);
    expect(fleet.engine).toEqual({ id: 'temporal', settings: { address: 'a:1' } });
  });

  it('is like the one of the documentation', async () => {
    const fleet = await loadFleet(path.resolve(import.meta.dirname, '../../../../examples/fleet/fleet.yaml'));
    expect(fleet.boards.map(({ workflow = '' }) => path.basename(workflow))).toEqual([
      'canary.yaml',
      'all.yaml',
    ]);
    expect(fleet.operators.size).toBe(1);
  });

  it('makes a rollout of the nodes that have something to do, in its order', async () => {
    const fleet = await load(...WHOLE);
    const node = (id: 1 | 2, changes: boolean) => ({
      ...{ node: id, hostname: `n${id}`, plan: String(id).repeat(64), changes, steps: [] },
    });
    const plans = new Map([
      ['rack2', [node(1, true), node(2, false)]],
      ['rack1', [node(1, false)]],
    ]);
    const rollout = rolloutOf(fleet, { id: 'r', plans, approvals: [], reinstall: false });
    expect(rollout.boards).toEqual([
      { board: 'rack2', site: 'south', nodes: [{ node: 1, plan: '1'.repeat(64) }] },
    ]);
    expect(rollout.sites.map(({ id }) => id)).toEqual(['south']);
  });
});
