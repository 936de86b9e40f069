import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PseudoTerminal } from '../../support/site/pseudo-terminal.js';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';
import { masked } from './masked.js';

/*
 * What people see in a terminal, compared with what was looked at: `expected/NAME-WIDTH.txt`, which `vitest --update` records
 * anew. Of a run the parts are compared that are the same
 * each time. Three screens at 80
 * columns belong to every run of the tests; SCREENS=all is all of them, at three widths.
 */
const { missing } = requireTools('tmux');
const ALL = process.env['SCREENS'] === 'all';
const WIDTHS = ALL ? [60, 80, 120] : [80];

describe.skipIf(missing).each(WIDTHS)('at %i columns', (columns) => {
  let site: Site;
  let board: VirtualBoard;
  beforeAll(async () => {
    site = await makeSite();
    board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      clock: { scale: 20 },
    });
    await site.configure(board);
    await symlink(baseImagePath('rk1-ubuntu.img.xz'), path.join(site.directory, 'ubuntu.img.xz'));
  }, 60_000);
  afterAll(async () => {
    await board[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const open = (words: readonly string[]) =>
    PseudoTerminal.open([process.execPath, CLI, ...words], {
      ...{ columns, rows: 60, cwd: site.directory },
      env: { HOME: site.directory, XDG_CACHE_HOME: path.join(site.directory, 'user-cache'), TZ: 'UTC' },
    });
  /** @param fits - no line goes on in the next one; else it may be one that is to be copied whole */
  const isAsExpected = async (terminal: PseudoTerminal, name: string, fits = true) => {
    const screen = masked(await terminal.screen());
    await expect(screen).toMatchFileSnapshot(`expected/${name}-${columns}.txt`);
    if (fits) expect(await terminal.overflows(), screen).toBe(false);
  };
  /** Runs a command to its end. */
  const shows = async (name: string, words: readonly string[], exitCode = 0, fits = true) => {
    await using terminal = await open(words);
    expect(await terminal.ended(), await terminal.screen()).toBe(exitCode);
    await isAsExpected(terminal, name, fits);
  };

  it('plan', () => shows('plan', ['plan'], 6));

  it('doctor', () => shows('doctor', ['doctor']));

  it.runIf(ALL)('up while it runs, and stopped', { timeout: 120_000 }, async () => {
    board.setFaults({ emmcStallAt: 1 << 20 });
    try {
      await using terminal = await open(['up', '--erase', 'all', '--node', '1']);
      const running = await terminal.shows(/^1 site-1 +install (upload|write) .*\d %/m);
      expect(running).toMatch(/^Node1 site-1: image completed in \d/m);
      expect(await terminal.overflows(), running).toBe(false);
      await terminal.press('C-c');
      await terminal.shows(/^stopping; press Ctrl-C again to leave at once$/m);
      board.setFaults({});
      expect(await terminal.ended()).toBe(130);
      const screen = (await terminal.screen()).replaceAll(/\s+/g, ' ');
      expect(screen).toContain('Node1 site-1: install stopped');
      expect(screen).toMatch(
        /Node1 site-1 192\.168\.1\.101 stopped after image .* s; its (old system|disk) /,
      );
      expect(screen).toMatch(/turingpi up goes on where this one stopped turingpi run show/);
    } finally {
      board.setFaults({});
    }
  });

  it.runIf(ALL)('up that fails', { timeout: 120_000 }, async () => {
    board.setFaults({ corruptEmmcAt: 1 << 20 });
    try {
      await using terminal = await open(['up', '--erase', 'all', '--node', '1']);
      expect(await terminal.ended(), await terminal.screen()).toBe(5);
      const screen = (await terminal.screen()).replaceAll(/\s+/g, ' ');
      expect(screen).toContain('failed in install: BMC_FLASH_READBACK_MISMATCH');
      expect(screen).toContain('What was read back differs from what was written');
      expect(screen).toMatch(
        /0 of 1 nodes as they should be, after .*turingpi explain BMC_FLASH_READBACK_MISMATCH/,
      );
    } finally {
      board.setFaults({});
    }
  });

  it('up that finishes', { timeout: 120_000 }, async () => {
    await using terminal = await open(['up', '--erase', 'all']);
    expect(await terminal.ended(100_000), await terminal.screen()).toBe(0);
    expect(await terminal.overflows(), await terminal.screen()).toBe(false);
    const screen = (await terminal.screen()).replaceAll(/\s+/g, ' ');
    expect(screen).toMatch(
      / Node1 site-1 192\.168\.1\.101 done in .* s: image .* s, install .* s, post .* s /,
    );
    expect(screen).toMatch(
      /2 of 2 nodes as they should be, after .* turingpi node ssh 1 log in turingpi run show/,
    );
  });

  it.runIf(ALL)('status', async () => {
    await using terminal = await open(['status']);
    expect(await terminal.ended()).toBe(0);
    const screen = await terminal.screen();
    expect(screen).toMatch(/^node +phase +status +since/m);
    expect(screen.match(/^Node[12] +(image|install|post) +completed/gm)).toHaveLength(6);
    expect(await terminal.overflows(), screen).toBe(false);
  });

  it.runIf(ALL)('plugin list', async () => {
    await using terminal = await open(['plugin', 'list']);
    expect(await terminal.ended()).toBe(0);
    const screen = await terminal.screen(); // where plugins are is another place in each clone
    expect(screen).toMatch(
      columns < 80 ? /^plugin +@turingpi\/\S+$/m : /^plugin +version +api +brings +found as +in$/m,
    );
    expect(screen).toMatch(columns < 80 ? /^version +\d/m : /^@turingpi\/\S+ +\d/m);
    expect(await terminal.overflows(), screen).toBe(false);
  });

  it.runIf(ALL)('image info', () => shows('image-info', ['image', 'info', 'ubuntu.img.xz']));

  it.runIf(ALL)('init', async () => {
    const { host, port } = board.https;
    const at = ['--host', host, '--port', String(port), '--http-port', String(board.http?.port ?? 80)];
    await using terminal = await open(['init', '-o', 'new.yaml', ...at]);
    await terminal.shows(/Trust this key/);
    await isAsExpected(terminal, 'init', false);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
  });
});
