import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenSshLab } from '../../../packages/runtime/src/ssh/openssh.fixture.js';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

const required = process.env['CI'] === 'true';
/** Nobody but the server between knows where that is. */
const BEHIND = 'node-1.behind.test';

/* From an empty disk to finished and changed in place, with a real OpenSSH server between. The steps build on each other. */
describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `a node that is reached through another server (needs ${OpenSshLab.needs})`,
  () => {
    let site: Site;
    let board: VirtualBoard;
    let gate: OpenSshLab;
    const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);
    const asRoot = (line: string) =>
      runCli(['node', 'exec', '1', '--sudo', '-c', site.configFile, '--', line]);
    const logins = () => gate.log.match(/Accepted publickey for gate/g)?.length ?? 0;
    const writesToDisk = () => board.accessLog.filter(({ target }) => target.includes('type=flash')).length;

    beforeAll(async () => {
      site = await makeSite();
      const dir = path.join(site.directory, 'board');
      gate = await OpenSshLab.start({
        users: [{ name: 'gate', uid: 4501, password: 'unused' }],
        sudoers: [],
        config: ['LogLevel VERBOSE'],
        before: `echo "127.0.0.1 ${BEHIND}" >>/etc/hosts`,
      });
      await writeFile(path.join(site.directory, 'id_gate'), gate.userKey.reveal(), { mode: 0o600 });
      board = await startVirtualBoard({
        ...{ dir, nodes: [{ board: 'rk1' }], clock: { scale: 20 }, httpPort: 'off' },
      });
    }, 60_000);
    afterAll(async () => {
      await board[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    });

    const configure = (hostKeys = gate.withKey('gate').hostKeys, config = 'config data') => {
      const { host, port } = gate.withKey('gate');
      const jump = { host, port, username: 'gate', privateKey: { file: './id_gate' }, hostKeys };
      const node = { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu' };
      const workflow = {
        ...usualWorkflow(site.publicKey, site.userPassword),
        files: [{ path: '/etc/my_app/config', content: `${config}\n` }],
        postInstall: [
          { run: 'echo once >> /root/runs', onRepeat: 'ask' },
          { copy: { source: './files/script.sh', path: '/opt/script.sh' } },
        ],
      };
      return site.configure(board, {
        node1: { ...node, ssh: { host: BEHIND, port: board.nodes[0]!.ssh!.port, jump } },
        workflow,
      });
    };

    it('is installed and finished', { timeout: 240_000 }, async () => {
      await configure();
      const { exitCode, stdout } = await turingpi('up', '--json', '--erase', 'all');
      expect(exitCode, stdout).toBe(0);
      expect(jsonLines(stdout).at(-1)).toMatchObject({ nodes: [{ outcome: 'completed' }] });
      expect(logins()).toBeGreaterThan(0);
      const shown = await asRoot('cat /root/runs /opt/script.sh');
      expect(shown.stdout, shown.stderr).toBe('Node1 | once\nNode1 | #!/bin/sh\nNode1 | echo ok\n'.trimEnd());
    });

    it('is asked who it is through that server, and skipped when it is finished', async () => {
      const before = { logins: logins(), writes: writesToDisk() };
      const { exitCode, stdout } = await turingpi('up', '--json');
      expect(exitCode, stdout).toBe(0);
      expect(writesToDisk()).toBe(before.writes);
      expect(logins()).toBeGreaterThan(before.logins);
    });

    it(
      'is left alone where the server between is not the one that is known',
      { timeout: 60_000 },
      async () => {
        await configure([site.publicKey], 'other data');
        const before = writesToDisk();
        const { exitCode, stdout } = await turingpi('up', '--json');
        expect(exitCode, stdout).not.toBe(0);
        expect(stdout).toContain('gate@127.0.0.1');
        expect(writesToDisk()).toBe(before);
      },
    );

    it('is changed in place, and compared', { timeout: 240_000 }, async () => {
      const before = writesToDisk();
      await configure(undefined, 'other data');
      const { exitCode, stdout } = await turingpi('up', '--json');
      expect(exitCode, stdout).toBe(0);
      expect(writesToDisk()).toBe(before);
      const shown = await asRoot('cat /etc/my_app/config /root/runs');
      expect(shown.stdout, shown.stderr).toBe('Node1 | other data\nNode1 | once');
      const compared = await turingpi('drift');
      expect(compared.exitCode, compared.stdout + compared.stderr).toBe(0);
      expect(await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8')).toContain('"in_place"');
    });
  },
);
