import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { movingClock } from '../support/site/moving-clock.js';
import { requireTools } from '../support/site/require-tools.js';
import { jsonLines, runCli, startCli } from '../support/site/run-cli.js';
import { makeSite, type Site } from '../support/site/site.js';

/*
 * A clock that is wrong, and one that jumps in the middle of a run. The steps build on each other. The monotonic clock
 * goes on, as it does when a real one is set.
 */
const skip = requireTools('faketime').missing;

let site: Site;
let board: VirtualBoard;
let clockFile: string;

const environment = () => movingClock(clockFile);

describe.skipIf(skip)('a clock that jumps', () => {
  beforeAll(async () => {
    site = await makeSite();
    clockFile = path.join(site.directory, 'clock');
    board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: [{ board: 'rk1' }],
      clock: { scale: 20 },
      httpPort: 'off',
    });
    await site.configure(board);
  });
  afterAll(async () => {
    await board[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  test.each([
    ['back, as an installation begins', '-400d'],
    ['ahead, as an installation begins', '+400d'],
  ])('%s: the run ends well', { timeout: 120_000 }, async (_what, jump) => {
    await writeFile(clockFile, '+0d');
    const words = jump.startsWith('-') ? ['up', '--erase', 'all'] : ['reinstall', '1', '--erase', '1'];
    const child = startCli([...words, '--json', '-c', site.configFile], { env: environment() });
    const ended = once(child, 'exit');
    const lines: Record<string, unknown>[] = [];
    for await (const line of createInterface({ input: child.stdout! })) {
      const [event] = jsonLines(line);
      if (event === undefined) continue;
      lines.push(event);
      if (event['event'] === 'phase:started' && event['phase'] === 'os_installation')
        await writeFile(clockFile, jump);
    }
    expect(await ended, JSON.stringify(lines, undefined, 1)).toEqual([0, null]);
    expect(lines.at(-1)).toMatchObject({ event: 'summary', completed: true });
  });

  test.each(['-3650d', '+3650d', '+0d'])(
    '%s: a finished node stays finished',
    { timeout: 60_000 },
    async (offset) => {
      await writeFile(clockFile, offset);
      const { exitCode, stdout } = await runCli(['up', '--json', '-c', site.configFile], {
        env: environment(),
      });
      expect(exitCode, stdout).toBe(0);
      const phases = jsonLines(stdout).map(({ event }) => event);
      expect(phases.filter((event) => event === 'phase:skipped')).toHaveLength(3);
    },
  );
});
