import { readFile } from 'node:fs/promises';
import path from 'node:path';
import rk1 from '@turingpi/board-rk1';
import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, { declarativeWorkflow, loadConfig, onNode } from '@turingpi/provisioning';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/* The steps build on each other: a cluster is made phase by phase, then reinstalled. */
const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/rolling-reinstall.yaml');

let site: Site;
let board: VirtualBoard;

const turingpi = async (...words: string[]) => {
  const { exitCode, stdout } = await runCli([...words, '--json', '-c', site.configFile]);
  return { exitCode, stdout, lines: jsonLines(stdout) };
};
type Line = Awaited<ReturnType<typeof turingpi>>['lines'][number];
const phasesStarted = (lines: readonly Line[]) =>
  lines.flatMap(({ event, phase, nodeId }) =>
    event === 'phase:started' ? [`${String(phase)} ${String(nodeId)}`] : [],
  );

describe('a run', () => {
  beforeAll(async () => {
    site = await makeSite();
    board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      clock: { scale: 20 },
      httpPort: 'off',
    });
    const { workflow } = parse(await readFile(EXAMPLE, 'utf8')) as { readonly workflow: object };
    const { files: _files, ...usual } = usualWorkflow(site.publicKey, site.userPassword);
    const files = [{ path: '/etc/my_app/config', content: 'data' }];
    await site.configure(board, { workflow: { ...usual, files, ...workflow } });
  });
  afterAll(async () => {
    await board[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  test('that ends with the images touches no node, and the next one begins with what they are', async () => {
    const images = await turingpi('up', '--until', 'image');
    expect(images.exitCode, images.stdout).toBe(0);
    expect(phasesStarted(images.lines).sort()).toEqual(['image_customization 1', 'image_customization 2']);
    expect(images.lines.at(-1)).toMatchObject({
      completed: true,
      nodes: [{ phases: { os_installation: { outcome: 'not run' } } }, {}],
    });
    expect(board.accessLog.filter(({ target }) => target.includes('opt=set'))).toEqual([]);

    const rest = await turingpi('up', '--erase', 'new', '--from', 'install');
    expect(rest.exitCode, rest.stdout).toBe(0);
    expect(phasesStarted(rest.lines)).not.toContain('image_customization 1');
    expect(rest.stdout).toContain('"activity":"afterInstall"');
    expect(rest.stdout).not.toContain('"activity":"beforeErase"');
    // On a board with a hub no node boots while another is due to be written.
    const moments = rest.lines.filter(
      ({ event, resource }) => event === 'resource:released' && resource === 'slot',
    );
    expect(moments).toHaveLength(2);
  }, 180_000);

  test('that reinstalls does so one by one, with what was to be kept on this computer', async () => {
    const { exitCode, stdout, lines } = await turingpi('reinstall', '1,2', '--erase', '1,2');
    expect(exitCode, stdout).toBe(0);
    const order = lines.flatMap(({ event, phase, nodeId, progress }) => {
      const { activity, note } = (progress ?? {}) as { readonly activity?: string; readonly note?: string };
      if (event === 'phase:started' && phase === 'os_installation') return [`install ${String(nodeId)}`];
      if (event !== 'phase:progress' || note === undefined) return [];
      return ['beforeErase', 'healthy'].includes(activity ?? '') ? [`${activity} ${String(nodeId)}`] : [];
    });
    const of = (id: string) => [`beforeErase ${id}`, `install ${id}`, `healthy ${id}`];
    const first = order[0]?.at(-1) ?? '';
    expect(order).toEqual([...of(first), ...of(first === '1' ? '2' : '1')]);
    for (const id of [1, 2]) {
      const kept = (name: string) => path.join(site.directory, 'kept', `site-${id}`, name);
      expect(await readFile(kept('etc/hostname'), 'utf8')).toBe(`site-${id}\n`);
      expect(await readFile(kept('etc/my_app/config'), 'utf8')).toBe('data');
    }
  }, 180_000);

  test('keeps the system of a node that its owner’s program cannot drain', async () => {
    const { workflow: _of, ...config } = (await loadConfig(site.configFile)).input as TuringPiConfig;
    await using cluster = await createTuringPi(
      {
        ...config,
        cacheDir: site.cacheDir,
        ssh: { privateKey: { file: site.privateKeyFile } },
        plugins: [provisioning, rk1, ubuntu],
        workflow: usualWorkflow(site.publicKey, site.userPassword),
      },
      { approve: 'all', baseDir: site.directory },
    );
    const before = board.accessLog.length;
    const provision = cluster.run(declarativeWorkflow(cluster, { environment: {} }));
    const summary = await cluster.runAll(provision, {
      nodes: [1],
      reinstall: [1],
      hooks: {
        beforeErase: (context) =>
          onNode(context, async (_local, remote) => {
            await remote.runCommand('touch /etc/drained && false');
          }),
      },
    });
    expect(summary.nodes[0]).toMatchObject({ outcome: 'failed', error: { code: 'HOOK_FAILED' } });
    expect(board.accessLog.slice(before).filter(({ target }) => target.includes('flash'))).toEqual([]);
    expect((await turingpi('up', '--until', 'install')).exitCode).toBe(0);
  }, 180_000);

  test('refuses what cannot be', async () => {
    for (const words of [
      ['--from', 'post', '--until', 'image'],
      ['--keep-going', '--fail-fast'],
      ['--retry', 'often'],
    ])
      expect((await turingpi('up', ...words)).exitCode).toBe(2);
  });
});
