import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { makeSite, type Site, type SiteBoard, usualWorkflow } from '../../support/site/site.js';
import { jsonLines, runCli, startCli } from '../../support/site/run-cli.js';

interface Ready {
  readonly https: SiteBoard['https'];
  readonly certificateFingerprint: string;
  readonly nodes: (SiteBoard['nodes'][number] & { readonly emmc: string })[];
}

/** `turingpi virtual-board` as a process of its own; killed at the end of the test. */
async function serveBoard(site: Site, nodes: string) {
  const child = startCli([
    'virtual-board',
    '--json',
    '--nodes',
    nodes,
    '--dir',
    path.join(site.directory, 'board'),
  ]);
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const ready = JSON.parse(line) as Ready;
  return {
    ready,
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
    [Symbol.asyncDispose]: () => {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
}

async function configure(site: Site, ready: Ready, changes: Readonly<Record<string, unknown>> = {}) {
  const { certificateFingerprint, https } = ready;
  await site.configure(
    { https, nodes: ready.nodes, publicKeyPin: '' },
    {
      bmc: { port: https.port, password: 'turing', certificateFingerprint },
      ...changes,
    },
  );
}

it('serves a board in one process and provisions it from another', { timeout: 180_000 }, async () => {
  await using site = await makeSite();
  await using board = await serveBoard(site, 'rk1,-,cm4');
  expect(board.ready.nodes.map(({ id }) => id)).toEqual([1, 3]);
  await configure(site, board.ready);
  const { exitCode, stdout, stderr } = await runCli([
    'up',
    '--json',
    '--erase',
    'all',
    '-c',
    site.configFile,
  ]);
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'summary', completed: true });
  expect(await board.stop()).toBe(0);
});

const inspection = requireTools('debugfs', 'e2fsck', 'fsck.vfat', 'sfdisk', 'xz');
it.skipIf(inspection.missing)(
  'flashes exactly the customised image, with what was asked for in it',
  { timeout: 180_000 },
  async () => {
    await using site = await makeSite();
    await using board = await serveBoard(site, 'rk1,cm4');
    // No actions: the bytes stay as they were flashed, because the simulated node writes nothing at boot.
    await configure(site, board.ready, {
      workflow: { ...usualWorkflow(site.publicKey, site.userPassword), postInstall: [] },
    });
    await runCliOk(['up', '--json', '--erase', 'all', '-c', site.configFile]);
    for (const node of board.ready.nodes) {
      const image = path.join(site.cacheDir, `site-${node.id}.img.xz`);
      expect(await sha256Prefix(node.emmc, await rawSize(image))).toBe(await sha256OfXz(image));

      // As Debian's own programs see it.
      const [boot, root] = (await partitionsOf(node.emmc)) as [PartitionPlace, PartitionPlace];
      const rootfs = `${node.emmc}?offset=${root.start * SECTOR_BYTES}`;
      const fatFile = path.join(site.directory, 'boot.fat');
      await execa('dd', [`if=${node.emmc}`, `of=${fatFile}`, `skip=${boot.start}`, `count=${boot.size}`]);
      await execa('fsck.vfat', ['-n', fatFile]);
      await execa('e2fsck', ['-fn', rootfs]);
      const debugfs = async (request: string) => (await execa('debugfs', ['-R', request, rootfs])).stdout;
      expect(await debugfs('cat /etc/hostname')).toBe(`site-${node.id}`);
      expect(await debugfs('cat /etc/my_app/config')).toBe('data');
      expect(await debugfs('stat /etc/my_app/config')).toMatch(/Mode: +0644/);
      expect(await debugfs('stat /usr/local/bin/script.sh')).toMatch(/Mode: +0755/);
      if (node.board !== 'rk1') continue;
      const [, netplan] = /(\S*turingpi\S*\.yaml)/.exec(await debugfs('ls -p /etc/netplan')) ?? [];
      const netplanFile = `/etc/netplan/${netplan?.split('/').at(-1) ?? ''}`;
      expect(await debugfs(`stat ${netplanFile}`)).toMatch(/Mode: +0600/);
      const text = await debugfs(`cat ${netplanFile}`);
      expect(text).toContain(`192.168.1.${100 + node.id}/24`);
      expect(text).not.toContain('gateway4');
    }
  },
);

const SECTOR_BYTES = 512;

interface PartitionPlace {
  readonly start: number;
  readonly size: number;
}

async function partitionsOf(image: string): Promise<PartitionPlace[]> {
  const { stdout } = await execa('sfdisk', ['--json', image]);
  return (JSON.parse(stdout) as { partitiontable: { partitions: PartitionPlace[] } }).partitiontable
    .partitions;
}

it('goes on after being killed at any moment', { timeout: 600_000 }, async () => {
  await using site = await makeSite();
  await using board = await serveBoard(site, 'rk1,cm4');
  await configure(site, board.ready);
  for (const delayMs of [300, 700, 1200, 2000, 3000, 4500]) {
    const run = startCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
    run.stdout?.resume();
    const timer = setTimeout(() => run.kill('SIGKILL'), delayMs);
    await once(run, 'exit');
    clearTimeout(timer);
  }
  const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
  expect(exitCode, stdout).toBe(0);
  const again = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
  expect(jsonLines(again.stdout).filter(({ event }) => event === 'phase:skipped')).toHaveLength(6);
});

it('a key that does not fit is found before anything is begun', { timeout: 180_000 }, async () => {
  await using site = await makeSite();
  await using other = await makeSite();
  await using board = await serveBoard(site, 'rk1');
  await configure(site, board.ready, {
    ssh: { privateKey: { file: other.privateKeyFile } },
    workflow: {
      ...usualWorkflow(site.publicKey, site.userPassword),
      user: { name: 'admin', sshKeys: [site.publicKey] },
      install: { bootTimeoutMs: 10_000 },
    },
  });
  const { exitCode, stdout } = await runCli(['up', '--json', '--erase', 'all', '-c', site.configFile]);
  expect(exitCode).toBe(3);
  expect(jsonLines(stdout)).toEqual([
    expect.objectContaining({
      ...{ event: 'error', code: 'CONFIG_INVALID' },
      issues: [expect.objectContaining({ key: 'ssh.privateKey', code: 'LOGIN_MISSING' })],
    }),
  ]);
});

async function runCliOk(parameters: readonly string[]): Promise<void> {
  const { exitCode, stdout } = await runCli(parameters);
  expect(exitCode, stdout).toBe(0);
}

async function rawSize(image: string): Promise<number> {
  const { stdout } = await execa('xz', ['--robot', '--list', image]);
  const totals = stdout.split('\n').find((line) => line.startsWith('totals'));
  return Number(totals?.split('\t')[4]);
}

async function sha256OfXz(image: string): Promise<string> {
  const xz = spawn('xz', ['-dc', image], { stdio: ['ignore', 'pipe', 'inherit'] });
  return digest(xz.stdout);
}

async function sha256Prefix(file: string, length: number): Promise<string> {
  return digest(createReadStream(file, { end: length - 1 }));
}

async function digest(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
