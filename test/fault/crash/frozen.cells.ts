import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_IDS, nodeName } from '@turingpi/foundation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines } from '../../support/site/run-cli.js';
import { CrashSite, repeated } from './crash-site.js';

/*
 * A run is frozen, as when its computer is suspended, for longer than its leases last; another computer takes over. When the
 * first one wakes up it must not write what is not its own any more, and flash nothing that the other one has flashed.
 */
const CHILD = path.join(import.meta.dirname, 'up-elsewhere.js');

type Line = Record<string, unknown>;

let site: CrashSite;

/** A run on a computer with a name and a cache of its own; what it says, as it says it. */
function runOn(host: string, onLine: (line: Line) => void = () => undefined) {
  const cache = path.join(site.site.directory, `cache-of-${host}`);
  const child: ChildProcess = spawn(process.execPath, [CHILD, site.site.configFile, host], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout! }).on('line', (text) => {
    for (const line of jsonLines(text)) {
      lines.push(line);
      onLine(line);
    }
  });
  return { child, lines, closed: once(child, 'close') };
}

const stepsIn = (lines: readonly Line[], event: string) =>
  lines.flatMap((line) =>
    line['event'] === event ? [`node ${String(line['nodeId'])} ${String(line['phase'])}`] : [],
  );

describe('a run that is frozen past its leases', () => {
  beforeAll(async () => {
    site = await CrashSite.make();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test.for(['image_customization', 'flash', 'post_installation'])(
    'in %s, while another takes over',
    async (moment, { task }) => {
      await site.beginRound();
      const wrong: string[] = [];
      let freeze: () => void = () => undefined;
      const frozen = new Promise<void>((resolve) => (freeze = resolve));
      const first = runOn('first', ({ event, phase }) => {
        if (event === 'phase:started' && phase === moment) freeze();
      });
      const ended = new AbortController();
      void first.closed.then(() => ended.abort());
      if (moment === 'flash') await site.untilWriting(ended.signal);
      else await Promise.race([frozen, first.closed]);
      first.child.kill('SIGSTOP');
      await sleep(4000); // its leases are over

      const before = await site.wrongRecords();
      const second = runOn('second');
      await second.closed;
      wrong.push(...repeated(before.state, second.lines));
      const { state } = await site.wrongRecords();
      const flashesBefore = site.flashes();
      const said = first.lines.length;

      first.child.kill('SIGCONT');
      await first.closed;
      const late = first.lines.slice(said);
      const theirs = new Set(stepsIn(second.lines, 'phase:started'));
      for (const step of stepsIn(late, 'phase:completed'))
        if (theirs.has(step)) wrong.push(`the late one completed ${step}, which the other had taken over`);
      for (const id of NODE_IDS)
        if (state[nodeName(id)]?.os_installation?.status === 'completed')
          if (site.flashes()[id] !== flashesBefore[id]) wrong.push(`the late one flashed node ${id} again`);
      wrong.push(...(await site.wrongRecords()).wrong);
      wrong.push(...(await site.comeToTheEnd(4)));
      const told = `${theirs.size} steps were taken over; the late one then said ${late.length} things`;
      task.meta.crash = { killed: 0, wrong, told };
      expect(wrong).toEqual([]);
      expect(theirs.size).toBeGreaterThan(0);
    },
  );
});
