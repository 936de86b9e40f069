import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CleanupStack } from '@turingpi/foundation';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { startCli } from '../support/site/run-cli.js';
import { makeSite, type Site } from '../support/site/site.js';
import { FleetFolder } from './fleet-folder.js';

/* Without an engine the command carries its rollout itself: it can only stop it, and say so. The steps build on each other. */
describe('Ctrl-C in a command of a fleet without an engine', () => {
  const cleanup = new CleanupStack();
  let folder: FleetFolder;
  let board: VirtualBoard;
  let site: Site;

  beforeAll(async () => {
    folder = cleanup.use('folder', await FleetFolder.make([]));
    site = cleanup.use('site', await makeSite());
    board = await startVirtualBoard({
      dir: `${site.directory}/board`,
      nodes: [{ board: 'rk1' }],
      clock: { scale: 200 },
      emmcSizeBytes: 80 << 20,
      httpPort: 'off',
    });
    cleanup.use('board', board);
    await site.configure(board);
    await folder.write({
      fleet: 'labs',
      sites: { here: {} },
      boards: { rack1: { site: 'here', configuration: site.configFile } },
    });
    const planned = await folder.run('plan', '-o', 'plan.json');
    expect(planned, planned.stderr).toMatchObject({ exitCode: 6 });
    await approve();
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  const approve = () =>
    folder.run('approve', 'plan.json', '--operator', 'ada', '--key', 'ada.pem', '-o', 'ok.json');
  const up = ['up', 'plan.json', '--approvals', 'ok.json'];
  const begin = (...words: readonly string[]) => {
    const child = startCli(['fleet', ...words], { cwd: folder.directory, stderr: 'pipe' });
    cleanup.defer('command', () => void child.kill('SIGKILL'));
    const told = { text: '' };
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (told.text += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, told, ended };
  };
  const untilWriting = async () => {
    while (!/"bytes_written":[1-9]/.test(board.transferStatus)) await sleep(5);
  };

  it.each(['SIGINT', 'SIGHUP'] as const)(
    'stops a rollout after %s, and says so',
    async (signal) => {
      board.setFaults({ emmcStallAt: 8 << 20 });
      const { child, told, ended } = begin(...up);
      await untilWriting();
      child.kill(signal);
      expect(await ended).toBe(130);
      expect(told.text).toContain('rack1 ended: cancelled');
      expect(told.text).toContain('the same command goes on from there');
      expect(board.transferStatus).not.toContain('Transferring');
    },
    120_000,
  );

  it('leaves at once after the second one, and what was done is not lost', async () => {
    const { child, told, ended } = begin(...up);
    await untilWriting();
    child.kill('SIGTERM');
    await expect.poll(() => told.text).toContain('stopping');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    board.setFaults({});
    const again = begin(...up);
    expect(await again.ended, again.told.text).toBe(0);
    expect(board.findings).toEqual([]);
  }, 120_000);

  it('ends an adoption, and makes no record', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    cleanup.defer('silent', () => void silent.close());
    const connected = once(silent, 'connection');
    const file = site.configFile;
    const { node1, ...config } = parse(await readFile(file, 'utf8')) as { node1: object };
    const ssh = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    await writeFile(file, stringify({ ...config, cacheDir: './other', node1: { ...node1, ssh } }));
    const { child, told, ended } = begin('adopt', 'rack1');
    await connected;
    child.kill('SIGINT');
    expect([await ended, told.text]).toEqual([130, expect.not.stringContaining('is adopted')]);
    expect((await folder.run('plan')).stdout).toContain('os_installation: run (first run)'); // as if never asked
  }, 120_000);
});
