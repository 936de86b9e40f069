import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { PHASES } from '@turingpi/core';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';
import { runCounted, wrongAfter } from './abort-trial.js';
import { type AbortMoment, CallCounter, type ChosenCall } from './call-counter.js';

/** How many of the calls are aborted at: `ABORTS=all` for every one, each before it and while it runs. */
const ABORTS = process.env['ABORTS'] ?? '60';
const SEED = Number(process.env['SEED'] ?? 20_261_128);
/** Aborts of a run, one after the other, before the next run has to finish. */
const PER_CHAIN = ABORTS === 'all' ? 5 : 10;
/** When in a call: before it, as it begins, and while what it began goes on elsewhere. */
const MOMENTS: readonly AbortMoment[] = [
  'before',
  { afterMs: 0 },
  { afterMs: 3 },
  { afterMs: 30 },
  { afterMs: 300 },
];
/** Polls are one call each; the first few stand for all. */
const OCCURRENCES = 3;

/** Numbers in [0, 1) from a seed (mulberry32). */
function* random(seed: number): Generator<number, never, undefined> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    yield ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

interface Trial {
  readonly call: ChosenCall;
  readonly moment: AbortMoment;
}

let certificateDir: string;
let site: Site;
const unhandled: string[] = [];
const note = (error: unknown): void =>
  void unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error));

beforeAll(async () => {
  site = await makeSite();
  certificateDir = path.join(site.directory, 'certificate');
  await (await startVirtualBoard({ dir: certificateDir, httpPort: 'off' }))[Symbol.asyncDispose]();
  process.on('unhandledRejection', note).on('uncaughtException', note);
});
afterAll(async () => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  await site[Symbol.asyncDispose]();
});

async function freshBoard(): Promise<VirtualBoard> {
  const dir = path.join(site.directory, 'board');
  for (const old of [dir, site.cacheDir]) await rm(old, { recursive: true, force: true });
  await mkdir(dir);
  for (const name of ['bmc-key.pem', 'bmc-certificate.pem'])
    await copyFile(path.join(certificateDir, name), path.join(dir, name));
  const board = await startVirtualBoard({
    dir,
    nodes: [{ board: 'rk1' }],
    boot: 'shell',
    clock: { scale: 100 },
    httpPort: 'off',
  });
  const workflow = {
    ...usualWorkflow(site.publicKey, site.userPassword),
    postInstall: [
      { write: { path: '/etc/finished', content: 'yes\n' } },
      { run: ['sh', '-c', 'sleep 0.4; echo late > /root/late'] },
      { runLocal: ['true'] },
      { reboot: true },
      { run: ['cat', '/etc/hostname'] },
      { run: ['sh', '-c', '! ls -A /etc | grep -F .turingpi-'] }, // what an aborted write may leave
    ],
  };
  await site.configure(board, { workflow });
  return board;
}

test('an abort at any call ends truthfully, and the next run finishes', { timeout: 3_600_000 }, async () => {
  const trials = await chooseTrials();
  const chains = Math.ceil(trials.length / PER_CHAIN);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(`aborts: ${trials.length} in ${chains} chains`);
  const wrong: string[] = [];
  let happened = 0;
  for (let chain = 0; chain < chains; chain++) {
    await using board = await freshBoard();
    // One of each phase or more, in the order of the phases: what a run has done the next one skips.
    const chosen = trials.filter((_, index) => index % chains === chain);
    for (const trial of chosen) {
      const verdict = await abortAt(trial, board);
      if (verdict.happened) happened++;
      wrong.push(...verdict.wrong);
      verdict.wrong.forEach(say); // a run of all takes a quarter of an hour
    }
    const { summary } = await runCounted(site, new CallCounter(new Error('never')));
    if (!summary.completed)
      wrong.push(
        `after ${chosen.map(name).join(', ')} the next run ends in ${String(summary.nodes[0]?.error)}`,
      );
  }
  say(`aborts ${trials.length}, found their call ${happened}, wrong ${wrong.length}`);
  expect(wrong).toEqual([]);
  expect(happened / trials.length).toBeGreaterThan(0.6); // how often something is polled differs, and with it how far a run had come
});

/** Counts the calls of a whole run, and picks some of them. */
async function chooseTrials(): Promise<readonly Trial[]> {
  const counter = new CallCounter(new Error('never'));
  const board = await freshBoard();
  const { summary, phases } = await runCounted(site, counter).finally(() => board[Symbol.asyncDispose]());
  expect(summary.nodes[0]?.error).toBeUndefined();
  const calls = counter.made.flatMap((call, index) => {
    // Before a phase is said to have started, its inputs are looked at.
    const phase = phases[index] ?? 'image_customization';
    return call.occurrence <= OCCURRENCES ? [{ call, phase }] : [];
  });
  const numbers = random(SEED);
  const chosen = PHASES.flatMap((phase) => {
    const all = calls
      .filter((entry) => entry.phase === phase)
      .flatMap(({ call }) =>
        MOMENTS.map((moment) => ({ trial: { call, moment }, rank: numbers.next().value })),
      );
    const wanted = ABORTS === 'all' ? all.length : Math.ceil(Number(ABORTS) / PHASES.length);
    return all.sort((one, other) => one.rank - other.rank).slice(0, wanted);
  });
  return chosen.map(({ trial }) => trial);
}

async function abortAt(
  trial: Trial,
  board: VirtualBoard,
): Promise<{ readonly happened: boolean; readonly wrong: readonly string[] }> {
  const reason = Object.assign(new Error('stopped by the user'), { name: 'AbortError' });
  const counter = new CallCounter(reason, trial.call, trial.moment);
  unhandled.length = 0;
  const wrong = await wrongAfter(runCounted(site, counter), counter.signal, { site, board });
  await new Promise((resolve) => setImmediate(resolve)); // what is left unhandled is told after this turn
  return {
    happened: counter.signal.aborted,
    wrong: [...wrong, ...unhandled].map((what) => `${name(trial)}: ${what}`),
  };
}

function name({ call, moment }: Trial): string {
  const when = moment === 'before' ? 'before' : `${moment.afterMs} ms into`;
  return `${when} ${call.name} #${call.occurrence}`;
}
