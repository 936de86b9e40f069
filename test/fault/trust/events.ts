import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileStateStore } from '@turingpi/core';
import type { TrustSite } from './trust-site.js';

/** Between two signs of life of another host. */
const BEAT_MS = 50;

/** What the world is allowed to do between two runs, and what must hold afterwards. */
export interface TrustEvent {
  readonly name: string;
  apply(site: TrustSite): Promise<void> | void;
  /** The run must end with this code before any node, and leave the state file as it is. */
  readonly fatal?: string;
  /** Nothing has changed that concerns an installed node: a finished one is done without a question. */
  readonly harmless?: boolean;
  /** Node 1 is somebody else's for now: nothing is done to it. */
  readonly taken?: boolean;
}

const damage = (name: string, change: (text: string) => string | Buffer): TrustEvent => ({
  name: `state ${name}`,
  fatal: 'STATE_UNREADABLE',
  apply: async (site) => {
    await writeFile(
      site.stateFile,
      change(await readFile(site.stateFile, 'utf8').catch(() => '{"version":2}')),
    );
  },
});

/** Changes what is on node 1, and whether it is on. */
async function put(site: TrustSite, system: string | undefined, on: boolean): Promise<void> {
  await site.putSystem(1, system);
  await site.setPower(1, on);
}

/** The installation of node 1 is claimed by a process of another host, which shows signs of life or does not. */
async function claimElsewhere(site: TrustSite, alive: boolean): Promise<void> {
  const store = new FileStateStore(site.stateFile);
  const started_at = new Date().toISOString();
  let beats = 0;
  const beat = () =>
    store.amend('Node1', (phases) => ({
      ...phases,
      os_installation: {
        ...phases?.os_installation,
        status: 'running',
        timestamp: started_at,
        owner: { pid: 1, host: 'another-host', started_at, heartbeat: String(++beats) },
      },
    }));
  await beat();
  if (!alive) return;
  const end = new AbortController();
  const beating = (async () => {
    while (!end.signal.aborted) {
      await beat();
      await sleep(BEAT_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  site.defer('heartbeat', () => {
    end.abort();
    return beating;
  });
}

/** Every event, on a board of its own. */
export const EVENTS: readonly TrustEvent[] = [
  { name: 'nothing', harmless: true, apply: () => undefined },
  damage('truncated', (text) => text.slice(0, Math.floor(text.length / 2))),
  damage('empty', () => ''),
  damage('a list', () => '[]'),
  damage('null', () => 'null'),
  damage('NULs', (text) => Buffer.alloc(text.length)),
  damage('of version 0', (text) =>
    text.replace('"version": 2', '"version": 0').replace('"version":2', '"version":0'),
  ),
  damage('without version', (text) => text.replace(/"version": ?2,?/, '')),
  damage(
    'with an unknown status',
    () => '{"version":2,"Node1":{"os_installation":{"status":"done","timestamp":"x"}}}',
  ),
  damage('with records that are none', () => '{"version":2,"Node1":[]}'),
  damage('in another encoding', (text) => Buffer.from(text, 'utf16le')),
  { name: 'state lost', apply: (site) => rm(site.stateFile, { force: true }) },
  { name: 'cache pruned', harmless: true, apply: (site) => void (site.imageIsThere = false) },
  {
    name: 'folder moved',
    harmless: true,
    apply: async (site) => {
      const target = path.join(await mkdtemp(path.join(os.tmpdir(), 'turingpi-trust-')), 'moved');
      await rename(site.directory, target);
      site.directory = target;
    },
  },
  { name: 'tool upgraded', harmless: true, apply: (site) => void (site.recipe += 1) },
  { name: 'board key renewed', harmless: true, apply: (site) => site.board.reissueCertificate() },
  { name: 'board swapped', apply: (site) => site.moveToAnotherBoard() },
  {
    name: 'other project',
    apply: async (site) => {
      site.source = '/home/user/other/turingpi.yaml';
      await site.moveToAnotherBoard();
    },
  },
  { name: 'module swapped', apply: (site) => put(site, undefined, true) },
  {
    name: 'modules in each other’s slots',
    apply: async (site) => {
      const [one, two] = [await site.systemOf(1), await site.systemOf(2)];
      await site.putSystem(1, two);
      await site.putSystem(2, one);
    },
  },
  {
    name: 'module moved to another slot',
    apply: async (site) => {
      await site.putSystem(2, await site.systemOf(1));
      await put(site, undefined, true);
    },
  },
  { name: 'flashed by another tool', apply: (site) => put(site, 'foreign', true) },
  { name: 'wiped', apply: (site) => put(site, undefined, false) },
  { name: 'powered off', apply: (site) => site.setPower(1, false) },
  { name: 'old system of ours on another disk', apply: (site) => put(site, 'installation-0', true) },
  {
    name: 'backup of the state restored',
    apply: async (site) => {
      const backup = path.join(site.directory, 'backup');
      const isThere = await copyFile(site.stateFile, backup).then(
        () => true,
        () => false,
      );
      const cluster = await site.open('all');
      await cluster.runAll(cluster.run(site.workflow), { reinstall: [1, 2] });
      if (isThere) await rename(backup, site.stateFile);
      else await rm(site.stateFile);
    },
  },
  { name: 'a run on another host', taken: true, apply: (site) => claimElsewhere(site, true) },
  { name: 'a run on another host, which is gone', apply: (site) => claimElsewhere(site, false) },
  { name: 'setting changed', apply: (site) => void (site.hostname = 'renamed-{id}') },
  { name: 'power lost in mid-flash', apply: (site) => void (site.failing = 'amid') },
  { name: 'board out of reach', apply: (site) => void (site.failing = 'before') },
];
