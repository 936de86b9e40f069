import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { startCli } from '../../support/site/run-cli.js';
import { CrashSite, repeated, type State } from './crash-site.js';
import { seeded } from './seeded.js';

/*
 * `turingpi up` of four nodes is killed again and again until it comes to its end; then everything begins anew. A third of
 * the kills is at any time, a third in a flash, a third between a record and an effect.
 */
const LANES = 2;
const KILLS = Number(process.env['CRASH_KILLS'] ?? '6');
const SEED = process.env['CRASH_SEED'] ?? 'turingpi';
const HOOK = path.join(import.meta.dirname, 'die-at-write.mjs');
/** A run that finds nothing to do on a calm machine; kills at any time come within it or some time later. */
const LONGEST_MS = 12_000;
/** A flash of the virtual board writes so many bytes. */
const IMAGE_BYTES = 68_157_440;
/** What a whole run writes to the state and the journals lies in this order. */
const WRITES = 30;

type Child = ReturnType<typeof startCli>;

/** One way to be killed; the run may be faster, and is then not killed. */
function killOf(kind: number, random: () => number, site: CrashSite) {
  if (kind === 0)
    return {
      what: 'at any time',
      crash: async (child: Child, ended: AbortSignal) => {
        await sleep(random() * LONGEST_MS, undefined, { signal: ended }).catch(() => undefined);
        child.kill('SIGKILL');
      },
    };
  if (kind === 1) {
    const flashes = Math.floor(random() * 2);
    const bytes = random() * IMAGE_BYTES;
    return {
      what: 'in a flash',
      crash: async (child: Child, ended: AbortSignal) => {
        let seen = 0;
        let wasWriting = false;
        while (!ended.aborted) {
          const status = site.board.transferStatus;
          const isWriting = status.includes('Transferring');
          if (isWriting && !wasWriting) seen += 1;
          wasWriting = isWriting;
          const written = Number(/bytes_written":\s*(\d+)/.exec(status)?.[1] ?? 0);
          if (isWriting && seen > flashes && written >= bytes) break;
          await sleep(10);
        }
        child.kill('SIGKILL');
      },
    };
  }
  const env = {
    NODE_OPTIONS: `--import=${HOOK}`,
    CRASH_AT_WRITE: String(1 + Math.floor(random() * WRITES)),
    CRASH_WHEN: random() < 0.5 ? 'before' : 'after',
  };
  return { what: `${env.CRASH_WHEN} write ${env.CRASH_AT_WRITE}`, crash: () => undefined, env };
}

describe.concurrent('a run that is killed', () => {
  test.for(Array.from({ length: LANES }, (_, lane) => lane))('lane %i', async (lane, { task }) => {
    const wanted = Math.floor(KILLS / LANES) + (lane < KILLS % LANES ? 1 : 0);
    const random = seeded(`${SEED} ${lane}`);
    await using site = await CrashSite.make();
    const wrong: string[] = [];
    const kinds = [0, 0, 0];
    let killed = 0;
    let rounds = 0;
    let attempt = 0;
    const add = (found: readonly string[], what: string) =>
      wrong.push(...found.map((one) => `round ${rounds}, after ${killed} kills, ${what}: ${one}`));
    while (killed < wanted) {
      await site.beginRound();
      rounds += 1;
      let killedNow = 0;
      let state: State = { version: 2 };
      for (;;) {
        const isLast = killed >= wanted;
        const kind = (attempt += 1) % 3;
        const { what, crash, env } = isLast
          ? { what: 'the last run', crash: () => undefined, env: undefined }
          : killOf(kind, random, site);
        const run = await site.up(crash, env === undefined ? {} : { env });
        add(repeated(state, run.lines), what);
        const after = await site.wrongRecords();
        add(after.wrong, what);
        ({ state } = after);
        if (run.exitCode !== null) {
          if (run.exitCode !== 0)
            add([`ended with ${run.exitCode}: ${JSON.stringify(run.lines.slice(-3))}`], what);
          break;
        }
        killed += 1;
        killedNow += 1;
        kinds[kind]! += 1;
      }
      add(await site.wrongNodes(killedNow), 'at the end');
      if (wrong.length > 20) break;
    }
    const told = `${rounds} rounds; killed at any time ${kinds[0]}, in a flash ${kinds[1]}, between record and effect ${kinds[2]}`;
    task.meta.crash = { killed, wrong, told };
    expect(wrong).toEqual([]);
  });
});
