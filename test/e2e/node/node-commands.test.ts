import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parsePublicKey } from '@turingpi/runtime';
import { parse } from 'yaml';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';
import { requireTools } from '../../support/site/require-tools.js';
import { OpenSshLab } from '../../../packages/runtime/src/ssh/openssh.fixture.js';

const run = promisify(execFile);
const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/behind-a-server.yaml');

describe.skipIf(requireTools('ssh').missing)('commands about nodes that are up', () => {
  let site: Site;
  let board: VirtualBoard;
  beforeAll(async () => {
    site = await makeSite();
    board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      boot: 'shell',
      clock: { scale: 100 },
    });
    await site.configure(board);
    const up = await turingpi('up', '--erase', 'all', '--until', 'install', '--json');
    expect(up.exitCode, up.stdout).toBe(0);
  }, 120_000);
  afterAll(async () => {
    await board[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const turingpi = (...parameters: string[]) => {
    const end = parameters.indexOf('--');
    const at = end < 0 ? parameters.length : end;
    const config = ['-c', site.configFile];
    return runCli([...parameters.slice(0, at), ...config, ...parameters.slice(at)], { cwd: site.directory });
  };
  const hostKeysOf = async (node: 'Node1' | 'Node2') => {
    const state = JSON.parse(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')) as Record<
      string,
      { readonly os_installation: { readonly output: { readonly hostKeys: readonly string[] } } }
    >;
    return state[node]!.os_installation.output.hostKeys;
  };

  it('node exec runs a command on all of them, and says of each how it ended', async () => {
    const all = await turingpi('node', 'exec', 'all', '--', 'cat', '/etc/hostname');
    expect(all.exitCode, all.stderr).toBe(0);
    expect(all.stdout.split('\n').sort()).toEqual(['Node1 | site-1', 'Node2 | site-2']);
    expect(all.stderr).toMatch(/^Node1 {2}ok .*\nNode2 {2}ok /);

    const some = await turingpi('node', 'exec', '2,1', '--json', '--', 'grep site-1 /etc/hostname');
    expect(some.exitCode).toBe(1);
    expect(jsonLines(some.stdout)).toEqual([
      { event: 'output', node: 1, hostname: 'site-1', stream: 'stdout', line: 'site-1' },
      expect.objectContaining({ event: 'result', node: 2, exitCode: 1 }),
      expect.objectContaining({ event: 'result', node: 1, exitCode: 0 }),
    ]);
    expect((await turingpi('node', 'exec', '1', '--sudo', '--', 'id', '-un')).stdout).toBe('Node1 | root');

    for (const odd of ['5', 'shelf/1', '1,,2', '../1', ''])
      expect((await turingpi('node', 'exec', odd, '--', 'true')).exitCode, odd).toBe(2);
    expect((await turingpi('node', 'exec', '3', '--', 'true')).stdout).toBe('');
  });

  it('secrets that are known are in no output', async () => {
    const { stdout, stderr, exitCode } = await turingpi('node', 'exec', '1', '--', 'echo', site.userPassword);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe('Node1 | [secret]');
    expect(stderr).not.toContain(site.userPassword);
  });

  it('node ssh is a login with the ssh of this computer, and its exit code', async () => {
    expect(await turingpi('node', 'ssh', '2', '--', 'cat', '/etc/hostname')).toMatchObject({
      exitCode: 0,
      stdout: 'site-2',
      stderr: '',
    });
    expect((await turingpi('node', 'ssh', '2', '--', 'exit 7')).exitCode).toBe(7);
    expect((await turingpi('node', 'ssh', '1,2')).exitCode).toBe(2);
  });

  it('node copy puts files onto nodes and fetches them', async () => {
    const here = (name: string) => path.join(site.directory, name);
    await writeFile(here('sample'), 'sample\n', { mode: 0o640 });
    const put = await turingpi('node', 'copy', './sample', 'all:/tmp/sample');
    expect(put.exitCode, put.stderr).toBe(0);
    expect((await turingpi('node', 'exec', '2', '--', 'cat', '/tmp/sample')).stdout).toBe('Node2 | sample');

    const fetched = await turingpi('node', 'copy', '1,2:/etc/hostname', './kept/hostname', '--json');
    expect(fetched.exitCode, fetched.stderr + fetched.stdout).toBe(0);
    expect(await readFile(here('kept/hostname/site-2'), 'utf8')).toBe('site-2\n');
    expect((await stat(here('kept/hostname/site-2'))).mode & 0o777).toBe(0o600);
    const again = await turingpi('node', 'copy', '2:/etc/hostname', './kept/hostname/site-2');
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('LOCAL_FILE_UNWRITABLE');

    for (const wrong of [
      ['./sample', './other'],
      ['1:/a', '2:/b'],
      ['./sample', '1:relative'],
    ])
      expect((await turingpi('node', 'copy', ...wrong)).exitCode, wrong.join(' ')).toBe(2);
  });

  it('node exec gives its standard input to a command byte by byte', async () => {
    const bytes = Buffer.from([0, 255, 254, 13, 10, 0xc3, 0x28, 128, 10]);
    const given = await runCli(
      ['node', 'exec', '1,2', '--stdin', '-c', site.configFile, '--', 'cat > /tmp/bytes'],
      { input: bytes },
    );
    expect(given.exitCode, given.stderr).toBe(0);
    const here = path.join(site.directory, 'bytes');
    expect((await turingpi('node', 'copy', '2:/tmp/bytes', './bytes')).exitCode).toBe(0);
    expect(await readFile(here)).toEqual(bytes);
  });

  it('node show tells what is known, and from when', async () => {
    const shown = await turingpi('node', 'show', '1', '--json', '--offline');
    expect(shown.exitCode, shown.stderr).toBe(0);
    const [record] = jsonLines(shown.stdout) as unknown as [
      { facts: Record<string, { value: unknown; from: string; seen?: string }>; phases: object },
    ];
    expect(record.facts['hostKeys']).toMatchObject({ value: await hostKeysOf('Node1'), from: 'record' });
    expect(record.facts['image']?.value).toMatch(/^[0-9a-f]{64}$/);
    for (const { from, seen } of Object.values(record.facts))
      expect(seen === undefined).toBe(from === 'configuration');
    expect(record.facts).not.toHaveProperty('macAddresses'); // nobody has told one
    expect(record.phases).toMatchObject({
      os_installation: { status: 'completed', durationMs: expect.any(Number) as number },
      post_installation: { status: 'pending' },
    });
  });

  it('inventory says to ssh and to others where the nodes are', async () => {
    const knownHosts = path.join(site.directory, 'known hosts');
    const configFile = path.join(site.directory, 'ssh.conf');
    const inventory = async (format: string) =>
      (await turingpi('inventory', '--format', format, '--known-hosts', knownHosts)).stdout;
    await writeFile(knownHosts, `${await inventory('known-hosts')}\n`);
    await writeFile(configFile, `${await inventory('ssh-config')}\n`);
    const asked = await run('ssh', ['-G', '-F', configFile, 'site-2']);
    expect(asked.stdout).toMatch(/^stricthostkeychecking true$/m);
    expect(asked.stdout).toMatch(new RegExp(`^port ${board.nodes[1]!.ssh!.port}$`, 'm'));
    const logIn = ['-F', configFile, '-i', site.privateKeyFile, '-o', 'BatchMode=yes', 'site-2'];
    expect((await run('ssh', [...logIn, 'cat', '/etc/hostname'])).stdout).toBe('site-2\n');
    await writeFile(
      knownHosts,
      `${await inventory('known-hosts')}\n`.replaceAll('site-2', 'site-9').replace(/^.*site-9.*$/gm, ''),
    );
    await expect(run('ssh', [...logIn, 'true'])).rejects.toMatchObject({ code: 255 });

    expect(await inventory('hosts')).toBe('192.168.1.101 site-1\n192.168.1.102 site-2');
    expect(JSON.parse(await inventory('json'))).toMatchObject({
      nodes: [{ nodeId: 1, boardType: 'rk1', hostKeys: await hostKeysOf('Node1') }, { nodeId: 2 }],
    });
    expect(JSON.parse(await inventory('ansible'))).toMatchObject({
      os_ubuntu: { hosts: { 'site-1': null, 'site-2': null } },
    });
  });

  it.skipIf(OpenSshLab.missing.length > 0 && process.env['CI'] !== 'true')(
    `nodes behind another server are reached through it alone (needs ${OpenSshLab.needs})`,
    async () => {
      await using gate = await OpenSshLab.start({
        users: [{ name: 'gate', uid: 4404, password: 'unused' }],
        sudoers: [],
        config: ['LogLevel VERBOSE'],
      });
      const keyFile = path.join(site.directory, 'id_gate');
      await writeFile(keyFile, gate.userKey.reveal(), { mode: 0o600 });
      const { jump: shown } = (parse(await readFile(EXAMPLE, 'utf8')) as { ssh: { jump: object } }).ssh;
      const { host, port, hostKeys } = gate.withKey('gate');
      const jump = { ...shown, host, port, username: 'gate', hostKeys };
      const privateKey = { file: './id_ed25519' };
      await site.configure(board, { ssh: { privateKey, jump } });
      const done = await turingpi('node', 'exec', 'all', '--', 'cat', '/etc/hostname');
      expect(done.exitCode, done.stderr).toBe(0);
      expect(done.stdout.split('\n').sort()).toEqual(['Node1 | site-1', 'Node2 | site-2']);
      const login = await turingpi('node', 'ssh', '2', '--', 'cat', '/etc/hostname');
      expect([login.exitCode, login.stdout], login.stderr).toEqual([0, 'site-2']);
      expect(gate.log.match(/Accepted publickey for gate/g)?.length).toBeGreaterThan(2);
      expect((await turingpi('inventory', '--format', 'ssh-config')).stdout).toContain(
        'ProxyJump turingpi-jump-',
      );

      // One that is not the server that is known gets nothing.
      await site.configure(board, { ssh: { privateKey, jump: { ...jump, hostKeys: [site.publicKey] } } });
      for (const command of ['exec', 'ssh']) {
        const refused = await turingpi('node', command, '1', '--', 'true');
        expect(refused.exitCode, command).not.toBe(0);
        expect(refused.stderr).toContain(`gate@${host}`);
      }
      await site.configure(board);
    },
  );

  it('a node that shows another key gets nothing, and one that is off keeps nobody waiting', async () => {
    // At the address of the first node is the second one.
    const swapped = { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu', ssh: board.nodes[1]!.ssh };
    await site.configure(board, { node1: swapped, node2: undefined });
    const fingerprints = [...(await hostKeysOf('Node1')), ...(await hostKeysOf('Node2'))].map(
      (line) => parsePublicKey(line).fingerprint,
    );
    for (const command of ['exec', 'ssh']) {
      const refused = await turingpi('node', command, '1', '--', 'true');
      expect(refused.exitCode, command).toBe(1);
      expect(refused.stderr).toContain('SSH_HOST_KEY_MISMATCH');
      expect(refused.stderr).toContain('turingpi adopt 1');
      expect(fingerprints.filter((one) => refused.stderr.includes(one)).length).toBeGreaterThan(1);
    }

    await site.configure(board, {
      workflow: { ...usualWorkflow(site.publicKey, site.userPassword), postInstall: [] },
    });
    expect((await turingpi('node', 'power', 'off', '--node', '2', '--hard')).exitCode).toBe(0);
    const { exitCode, stdout, stderr } = await turingpi('node', 'exec', 'all', '--', 'cat', '/etc/hostname');
    expect([exitCode, stdout]).toEqual([4, 'Node1 | site-1']);
    expect(stderr).toMatch(/Node2 {2}SSH_(UNREACHABLE|TIMEOUT|CONNECTION_LOST|PROTOCOL)/);
    expect((await turingpi('node', 'post-install', '1', '--json')).exitCode).toBe(0);
  });
});
