import { readFile, writeFile } from 'node:fs/promises';
import type { EraseApproval } from '@turingpi/core';
import { expect } from 'vitest';
import type { TrustEvent } from './events.js';
import { TrustSite } from './trust-site.js';

/** How far an earlier run had come. */
export const RECORDS = ['none', 'running', 'failed', 'completed'] as const;
export type RecordKind = (typeof RECORDS)[number];

/** What is said unattended. */
export const APPROVALS = ['none', 'new'] as const;

/** What happened in one cell. */
export interface CellVerdict {
  readonly asked: number;
  readonly blocked: number;
  readonly flashed: number;
  readonly skipped: number;
  readonly said: readonly string[];
}

/**
 * One event between two runs, judged by what is really on the disks rather than by what is recorded.
 *
 * @throws when something was erased that should not have been, or called done that is not.
 */
export async function runCell(
  event: TrustEvent,
  record: RecordKind,
  approval: (typeof APPROVALS)[number],
  certificateDir: string,
): Promise<CellVerdict> {
  await using site = await TrustSite.create(certificateDir);
  await prepare(site, record);
  await event.apply(site);
  const before = { 1: await site.bytesOf(1), 2: await site.bytesOf(2) };
  const file = await readFile(site.stateFile, 'utf8').catch(() => undefined);
  expect(site.board.findings).toEqual([]);

  let asked = 0;
  const approve: EraseApproval =
    approval === 'none'
      ? { decide: (erasures) => ((asked += erasures.length), Promise.resolve([])) }
      : approval;
  const cluster = await site.open(approve);
  const outcome = await cluster
    .runAll(cluster.run(site.workflow))
    .catch((error: unknown) => error as { code: string });
  expect(site.board.findings).toEqual([]);
  const written: (1 | 2)[] = [];
  for (const id of [1, 2] as const) if ((await site.bytesOf(id)) !== before[id]) written.push(id);

  if (!('nodes' in outcome)) {
    // A fatal condition: no node was touched, and the file is as it was.
    expect(written).toEqual([]);
    expect(await readFile(site.stateFile, 'utf8').catch(() => undefined)).toBe(file);
    if (event.fatal !== undefined) expect(outcome.code).toBe(event.fatal);
    else expect(['BOARD_CHANGED', 'STATE_OTHER_BOARD']).toContain(outcome.code);
    return { asked, blocked: 2, flashed: 0, skipped: 0, said: [outcome.code] };
  }
  expect(event.fatal).toBeUndefined();
  if (approval === 'none') expect(written).toEqual([]);
  if (event.taken === true) {
    expect(written).not.toContain(1);
    expect(outcome.nodes.find(({ nodeId }) => nodeId === 1)?.outcome).not.toBe('completed');
  }
  for (const id of written) expect(before[id]).toBe(''); // only a disk that held nothing
  const records = await cluster.status();
  for (const { nodeId, outcome: result } of outcome.nodes) {
    const id = nodeId as 1 | 2;
    if (result !== 'completed') continue;
    expect(site.isOn(id)).toBe(true);
    expect(await site.systemOf(id)).toBe(records.get(id)?.os_installation.installation_id);
  }
  if (event.harmless === true && record === 'completed') {
    expect(outcome.completed).toBe(true);
    expect([written.length, asked]).toEqual([0, 0]);
  }
  const count = (wanted: string) => outcome.nodes.filter((node) => node.outcome === wanted).length;
  const said = outcome.nodes.flatMap(({ error }) =>
    error === undefined ? [] : [(error as { code: string }).code],
  );
  return {
    asked,
    blocked: count('blocked') + count('unreachable'),
    flashed: written.length,
    skipped: outcome.nodes.filter(({ phases }) => phases.os_installation.outcome === 'skipped').length,
    said: [...new Set(said)],
  };
}

/** Brings node 1 to a record; node 2 is always finished, unless nothing is on record at all. */
async function prepare(site: TrustSite, record: RecordKind): Promise<void> {
  if (record === 'none') return;
  const cluster = await site.open('all');
  await cluster.runAll(cluster.run(site.workflow));
  if (record === 'completed') return;
  if (record === 'failed') {
    site.failing = 'amid';
    const again = await site.open('all');
    await again.runAll(again.run(site.workflow), { nodes: [1], reinstall: [1] });
    return;
  }
  // A run that was killed while it erased: its owner is no more.
  const state = JSON.parse(await readFile(site.stateFile, 'utf8')) as {
    Node1: { os_installation: Record<string, unknown>; post_installation: unknown };
  };
  const { output: _output, image: _image, seen_at: _seen, ...installation } = state.Node1.os_installation;
  state.Node1.os_installation = {
    ...installation,
    ...{ status: 'running', erased: true },
    owner: {
      pid: 2 ** 22 + 1,
      host: (await import('node:os')).hostname(),
      started_at: '2026-01-01T00:00:00.000Z',
    },
  };
  state.Node1.post_installation = { status: 'pending', timestamp: '2026-01-01T00:00:00.000Z' };
  await writeFile(site.stateFile, JSON.stringify(state, null, 2));
  await site.putSystem(1, undefined);
  await site.setPower(1, false);
}
