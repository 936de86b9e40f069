import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SimulatedSite } from './simulated-site.js';

/** What the world is allowed to do between two runs, and what must hold afterwards. */
export interface TrustEvent {
  readonly name: string;
  apply(site: SimulatedSite): Promise<void> | void;
  /** The run must end with this code before any node, and leave the state file as it is. */
  readonly fatal?: string;
  /** Nothing has changed that concerns an installed node: a finished one is done without a question. */
  readonly harmless?: boolean;
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

/** Every event but those that need a board's own network. */
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
  {
    name: 'board key renewed',
    harmless: true,
    apply: (site) => void (site.board = { ...site.board, key: 'sha256:two' }),
  },
  {
    name: 'board swapped',
    apply: (site) => void (site.board = { mac: '02:00:00:00:00:02', key: 'sha256:two' }),
  },
  {
    name: 'other project',
    apply: (site) => {
      site.source = '/home/user/other/turingpi.yaml';
      site.board = { mac: '02:00:00:00:00:03', key: 'sha256:three' };
    },
  },
  {
    name: 'module swapped',
    apply: (site) => void Object.assign(site.nodes[1], { system: undefined, on: true }),
  },
  {
    name: 'modules in each other’s slots',
    apply: (site) => {
      [site.nodes[1], site.nodes[2]] = [site.nodes[2], site.nodes[1]];
    },
  },
  {
    name: 'flashed by another tool',
    apply: (site) => void Object.assign(site.nodes[1], { system: 'foreign', on: true }),
  },
  { name: 'wiped', apply: (site) => void Object.assign(site.nodes[1], { system: undefined, on: false }) },
  { name: 'powered off', apply: (site) => void (site.nodes[1].on = false) },
  {
    name: 'old system of ours on another disk',
    apply: (site) => void Object.assign(site.nodes[1], { system: 'installation-0', on: true }),
  },
  { name: 'setting changed', apply: (site) => void (site.hostname = 'renamed-{id}') },
  { name: 'power lost in mid-flash', apply: (site) => void (site.failing = 'after') },
  { name: 'board out of reach', apply: (site) => void (site.failing = 'before') },
];
