import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CleanupStack, type LeaseTimings, silentLogger, type StateStore } from '@turingpi/core/plugin';
import { httpSettings, openHttpState } from '@turingpi/state-http';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePostgres } from '../../bench/store/postgres-server.js';
import { NamespaceNode } from '../cluster/namespace-node.js';
import { NetworkSwitch } from '../cluster/network-switch.js';
import { requireTools } from '../support/site/require-tools.js';
import { runCli } from '../support/site/run-cli.js';
import { type CertificateFiles, makeAuthority } from './certificate-authority.js';

/*
 * The units of examples/systemd on a computer in namespaces, whose disk begins as that of this one: a real systemd starts
 * the PostgreSQL that Debian's package has set up, and the server before it.
 */
const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const EXAMPLES = path.join(REPOSITORY, 'examples');
const UNITS = ['turingpi-state-tables.service', 'turingpi-state-server.service'];
/** Only what is looked at is started: not what this computer has besides. */
const TARGET = `[Unit]\nRequires=basic.target\nAfter=basic.target\nWants=postgresql.service ${UNITS.join(' ')}\n`;
/** What this computer starts besides, some of which takes long, as to clear its temporary folder. */
const NOT_STARTED = [
  ...['timers.target', 'sockets.target', 'systemd-tmpfiles-setup.service', 'systemd-udevd.service'],
  ...['systemd-udev-trigger.service', 'systemd-timesyncd.service', 'systemd-hwdb-update.service'],
];
/** Wherever the repository is, also in a folder that the node has for itself. */
const MOUNT = `[Unit]
DefaultDependencies=no
Before=local-fs.target tmp.mount
[Mount]
What=${REPOSITORY}
Where=/opt/repository
Type=none
Options=bind
[Install]
RequiredBy=local-fs.target
`;
/** Owns the tables, and uses them: as examples/postgres/roles.sql, in a database of its own. */
const SET_UP = 'createdb turingpi && psql -qf /etc/turingpi/roles.sql turingpi';
/** What went wrong there. */
const LOG = 'journalctl -b --no-pager | tail -60';
const AT = '2026-01-02T03:04:05.678Z';
/** A busy computer takes a minute to start what a calm one starts in seconds. */
const LEASES: LeaseTimings = { beatMs: 5000, staleMs: 180_000, lookMs: 1000 };
const { signal: forever } = new AbortController();

const tools = ['openssl', 'unshare', 'nsenter', 'systemctl', 'ip', 'setpriv'];
const skip = process.getuid?.() !== 0 || requirePostgres().missing || requireTools(...tools).missing;

describe.skipIf(skip)('the systemd units for a shared state', () => {
  const cleanup = new CleanupStack();
  let folder: string;
  let network: NetworkSwitch;
  let node: NamespaceNode;
  let address: string;
  let client: CertificateFiles;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-systemd-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    network = cleanup.use('network', await NetworkSwitch.make());
    address = `${network.network}.5`;
    const certificates = path.join(folder, 'certificates');
    await mkdir(certificates);
    const issue = await makeAuthority(certificates, address);
    const server = await issue('server');
    client = await issue('this computer');
    const own = path.join(folder, 'own');
    const [system, etc, opt] = ['etc/systemd/system', 'etc/turingpi', 'opt/turingpi'].map((name) =>
      path.join(own, name),
    ) as [string, string, string];
    for (const one of [system, etc, opt, path.join(own, 'etc/sysusers.d'), path.join(own, 'opt/repository')])
      await mkdir(one, { recursive: true });
    for (const unit of UNITS) await cp(path.join(EXAMPLES, 'systemd', unit), path.join(system, unit));
    const users = path.join(EXAMPLES, 'systemd/turingpi.sysusers.conf');
    await cp(users, path.join(own, 'etc/sysusers.d/turingpi.conf'));
    await cp(path.join(EXAMPLES, 'systemd/state-server.yaml'), path.join(etc, 'state-server.yaml'));
    await cp(path.join(EXAMPLES, 'postgres/roles.sql'), path.join(etc, 'roles.sql'));
    await cp(server.ca, path.join(etc, 'authority.crt'));
    await cp(server.cert, path.join(etc, 'server.crt'));
    await cp(server.key, path.join(etc, 'server.key'));
    const key = `TPI_SECRETS_KEY=${await generateX25519Identity()}\n`;
    await writeFile(path.join(etc, 'state-server.env'), key, { mode: 0o600 });
    const dependencies = { '@turingpi/state-http': '*', '@turingpi/state-postgres': '*' };
    await writeFile(path.join(opt, 'package.json'), JSON.stringify({ dependencies }));
    await symlink('/opt/repository/node_modules', path.join(opt, 'node_modules'));
    await writeFile(path.join(system, 'looked-at.target'), TARGET);
    await symlink('looked-at.target', path.join(system, 'default.target'));
    await writeFile(path.join(system, 'opt-repository.mount'), MOUNT);
    await mkdir(path.join(system, 'local-fs.target.requires'));
    await symlink(
      '../opt-repository.mount',
      path.join(system, 'local-fs.target.requires/opt-repository.mount'),
    );
    for (const unit of NOT_STARTED) await symlink('/dev/null', path.join(system, unit));
    const disk = path.join(folder, 'disk');
    await mkdir(disk);
    node = cleanup.use(
      'node',
      await NamespaceNode.start({ ...{ base: '/', disk, own, network, address }, hostname: 'keeper' }),
    );
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  const console = (command: string) => node.systemSays('sh', '-c', command);
  const until = async <T>(look: () => Promise<T>): Promise<T> => {
    const end = performance.now() + 40_000;
    for (;;) {
      try {
        return await look();
      } catch (error) {
        if (performance.now() > end) throw new Error(await console(LOG), { cause: error });
      }
      await sleep(100);
    }
  };
  const connect = (cluster = 'lab'): Promise<StateStore> =>
    openHttpState({
      ...{ stateFile: '/state.json', baseDir: '/', logger: silentLogger, timings: LEASES },
      settings: httpSettings.parse({ url: `https://${address}:8443`, ...client, cluster }),
    });

  it('start PostgreSQL, its tables and the server; another computer works on after a kill and after a power cut', async () => {
    await until(() => console('systemd-sysusers /etc/sysusers.d/turingpi.conf'));
    expect(await readdir(path.join(EXAMPLES, 'systemd'))).toHaveLength(4);
    await console('chgrp turingpi /etc/turingpi/server.key && chmod 640 /etc/turingpi/server.key');
    await until(() => console(`runuser -u postgres -- sh -c '${SET_UP}'`));
    await using store = await until(() => connect());
    const record = () => ({ status: 'running' as const, timestamp: AT });
    const claim = { record, seen: undefined, keepJournal: 0, signal: forever };
    const phase = await store.claim('Node1', 'post_installation', 'aa', claim);
    await console('systemctl kill -s KILL turingpi-state-server.service');
    await store.append(phase, { action: 'a', digest: 'a', result: null, at: AT });
    await node.powerCut();
    await node.says('ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    await store.append(phase, { action: 'b', digest: 'b', result: null, at: AT });
    expect(phase.signal.aborted).toBe(false);
    await store.finish(phase, () => ({ status: 'completed', timestamp: AT, input_hash: 'aa' }));

    const state = { http: { url: `https://${address}:8443`, ...client, cluster: 'lab' } };
    const file = path.join(folder, 'turingpi.json');
    const configuration = {
      ip: '192.0.2.1',
      node1: { ip: '192.0.2.2', board: 'rk1' },
      cacheDir: 'cache',
      state,
    };
    await writeFile(file, JSON.stringify(configuration));
    const dependencies = { '@turingpi/state-http': '*' };
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
    await symlink(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
    // A command does not wait for a server that is being started anew, as one that works does.
    await until(async () => {
      const shown = await runCli(['state', 'show', '--json', '-c', file], { cwd: folder });
      expect(shown.stdout).toContain('completed');
    });
    // The units let nobody in whom the file does not name.
    await expect(connect('rack')).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' });
    const status = await console('systemctl is-failed turingpi-state-server.service || true');
    expect(status.trim()).toBe('active');
    await console('systemctl stop turingpi-state-server.service');
    expect(await console('systemctl show -P Result turingpi-state-server.service')).toBe('success\n');
  }, 180_000);
});
