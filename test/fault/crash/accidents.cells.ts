import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireRoot } from '../../image/backends/require-root.js';
import { movingClock } from '../../support/site/moving-clock.js';
import { requireTools } from '../../support/site/require-tools.js';
import { CrashSite } from './crash-site.js';

/* What happens to a run of four nodes from outside; then it is run again until it comes to its end. */
const MOST_RUNS = 4;

let site: CrashSite;

describe('a run', () => {
  beforeAll(async () => {
    site = await CrashSite.make();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  /** One accident, and what is wrong afterwards. */
  const accident = (
    name: string,
    isSkipped: boolean,
    happens: () => Promise<readonly string[] | undefined>,
    ends: () => Promise<unknown> = () => Promise.resolve(),
  ) =>
    test.skipIf(isSkipped)(name, async ({ task }) => {
      await site.beginRound();
      const wrong: string[] = [];
      try {
        wrong.push(...((await happens()) ?? []), ...(await site.wrongRecords()).wrong);
        wrong.push(...(await site.comeToTheEnd(MOST_RUNS)));
      } finally {
        await ends();
      }
      task.meta.crash = { killed: 0, wrong, told: 'came to its end' };
      expect(wrong).toEqual([]);
    });

  accident('whose board loses its power in mid-flash', false, async () => {
    await site.up(async (_child, ended) => {
      await site.untilWriting(ended);
      await site.board.crash();
      await site.board.restart('bmc');
    });
    return undefined;
  });

  accident('whose BMC is restarted in mid-flash, and killed then', false, async () => {
    await site.up(async (child, ended) => {
      await site.untilWriting(ended);
      await site.board.restart('daemon');
      await sleep(300);
      child.kill('SIGKILL');
    });
    return undefined;
  });

  const noDisk = requireRoot().missing || requireTools('mount', 'umount').missing;
  accident(
    'whose disk is full, by the kernel',
    noDisk,
    async () => {
      const { cacheDir } = site.site;
      await mkdir(cacheDir, { mode: 0o700 });
      const size = (text: string, how: string) =>
        execa('mount', ['-t', 'tmpfs', '-o', `${how}size=${text},mode=0700`, 'none', cacheDir]);
      await size('64k', '');
      const found: string[] = [];
      for (const text of ['128k', '512k']) {
        const { exitCode, lines } = await site.up();
        if (exitCode === 0) break;
        const codes = lines.flatMap(({ event, code }) => (event === 'phase:failed' ? [String(code)] : []));
        found.push(...codes.filter((code) => /^(INTERNAL|PHASE_FAILED|undefined)$/.test(code)));
        found.push(...(await site.wrongRecords()).wrong);
        await size(text, 'remount,');
      }
      await size('64m', 'remount,');
      return found;
    },
    () => execa('umount', [site.site.cacheDir], { reject: false }),
  );

  const noClock = requireTools('faketime').missing;
  accident('whose clock is moved by a day, ahead and back', noClock, async () => {
    const clockFile = path.join(site.site.directory, 'clock');
    await writeFile(clockFile, '+0d');
    await site.up(
      async (child, ended) => {
        await site.untilWriting(ended);
        await writeFile(clockFile, '+1d');
        await sleep(500);
        child.kill('SIGKILL');
      },
      { env: movingClock(clockFile) },
    );
    await site.up(
      async (_child, ended) => {
        await site.untilWriting(ended);
        await writeFile(clockFile, '-1d');
      },
      { env: movingClock(clockFile) },
    );
    return undefined;
  });
});
