import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import type { RunEvent } from '@turingpi/core';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli as runCommand } from '../../packages/cli/src/cli.js';
import { foldRun, renderReport } from '../../packages/dashboard/src/index.js';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { eventfulRun } from '../../packages/dashboard/src/sample-run.fixture.js';
import { runCli, startCli } from '../support/site/run-cli.js';
import { makeSite } from '../support/site/site.js';

const RUN = '20261129T100000000-aaaaaa';
const events = eventfulRun().map((event) => ({ ...event, runId: RUN }));

let cache: string;
beforeAll(async () => {
  await ensureBuiltPage();
  cache = await mkdtemp(path.join(os.tmpdir(), 'turingpi-page-'));
  await mkdir(path.join(cache, 'runs'), { mode: 0o700 });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await writeFile(path.join(cache, 'runs', `${RUN}.jsonl`), lines, { mode: 0o600 });
});
afterAll(() => rm(cache, { recursive: true, force: true }));

/** Somebody who has the address: what he sees of the events, to their end. */
async function look(
  url: string,
): Promise<{ readonly authorization: string; readonly seen: Promise<RunEvent[]> }> {
  const { origin, searchParams } = new URL(url);
  const bearing = (what: string) => ({ origin, authorization: `Bearer ${what}` });
  const headers = bearing(searchParams.get('token')!);
  const session = await fetch(`${origin}/session`, { method: 'POST', headers });
  const { authorization } = bearing(await session.text());
  const stream = await fetch(`${origin}/events`, { headers: { authorization } });
  const seen = stream
    .text()
    .then((text) =>
      [...text.matchAll(/^id: .*\ndata: (.*)$/gm)].flatMap(([, data]) => JSON.parse(data!) as RunEvent[]),
    );
  return { authorization, seen };
}

/** The first address that a command prints. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('no address was printed');
}

describe('turingpi run report', () => {
  it('writes a page to standard output, and to a file', async () => {
    const expected = await renderReport(events);
    const printed = await runCli(['run', 'report', '--cache-dir', cache]);
    expect([printed.exitCode, `${printed.stdout}\n`]).toEqual([0, expected]);

    const file = path.join(cache, 'report.html');
    const written = await runCli(['run', 'report', RUN, '--cache-dir', cache, '-o', file, '--json']);
    expect(JSON.parse(written.stdout)).toEqual({ event: 'report', runId: RUN, file });
    expect(await readFile(file, 'utf8')).toBe(expected);
  });

  it('does not fill a terminal with it, and says which run is not there', async () => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = new PassThrough();
    const terminal = { environment: {}, stdout, stderr, cwd: cache };
    expect(await runCommand(['node', 'turingpi', 'run', 'report', '--cache-dir', cache], terminal)).toBe(2);
    expect(String(stderr.read())).toContain('turingpi run report -o report.html');
    expect(stdout.read()).toBeNull();
    const absent = await runCli(['run', 'report', '2031', '--cache-dir', cache, '--json']);
    expect([absent.exitCode, absent.stdout]).toEqual([1, expect.stringContaining('RUN_NOT_FOUND')]);
  });
});

describe('turingpi run watch --page', () => {
  it('serves a run that has ended, until it is interrupted', async () => {
    const command = startCli(['run', 'watch', '--page', '--cache-dir', cache]);
    const url = await addressIn(command.stdout!);
    const { seen } = await look(url);
    expect(await seen).toEqual(events);
    command.kill('SIGINT');
    expect(await once(command, 'exit')).toEqual([0, null]);
  });

  it('asks a run that goes on to stop', async () => {
    const alive = {
      ...events[0]!,
      runId: '20261130T100000000-bbbbbb',
      pid: process.pid,
      host: os.hostname(),
    };
    await writeFile(path.join(cache, 'runs', `${alive.runId}.jsonl`), `${JSON.stringify(alive)}\n`, {
      mode: 0o600,
    });
    const command = startCli(['run', 'watch', alive.runId, '--page', '--cache-dir', cache, '--json']);
    const url = await addressIn(command.stdout!);
    const { authorization, seen } = await look(url);
    void seen.catch(() => undefined); // the command ends before the run
    const { origin } = new URL(url);
    const answer = await fetch(`${origin}/cancel`, { method: 'POST', headers: { authorization, origin } });
    expect(answer.status).toBe(202);
    const [asked] = (await readdir(path.join(cache, 'runs'))).filter((name) => !name.endsWith('.jsonl'));
    expect(await readFile(path.join(cache, 'runs', asked!), 'utf8')).toContain('the page of the run');
    command.kill('SIGINT');
    expect(await once(command, 'exit')).toEqual([0, null]);
  });
});

describe('turingpi up --watch', () => {
  it('shows those who look everything to the end, and ends then', { timeout: 120_000 }, async () => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: [{ board: 'rk1' }],
      clock: { scale: 20 },
      httpPort: 'off',
    });
    await site.configure(board);
    const command = startCli(['up', '-c', site.configFile, '--erase', 'all', '--watch', '--json']);
    const exited = once(command, 'exit');
    const output = new PassThrough();
    command.stdout!.pipe(output);
    const { seen } = await look(await addressIn(output));
    command.stdout!.resume();
    const shown = await seen;
    expect((await exited)[0]).toBe(0);
    const folder = path.join(site.cacheDir, 'runs');
    const [file] = await readdir(folder);
    const recorded = (await readFile(path.join(folder, file!), 'utf8')).trim().split('\n');
    expect(shown).toEqual(recorded.map((line) => JSON.parse(line) as RunEvent));
    expect(foldRun(shown)).toMatchObject({
      ...{ status: 'completed', facts: { command: 'up' } },
      nodes: [{ status: 'completed', power: 'on', phases: [{}, {}, {}] }],
    });
  });
});
