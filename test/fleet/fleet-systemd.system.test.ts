import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { newOperatorKey, privateKeyOf, publicLineOf } from '@turingpi/fleet';
import { CleanupStack } from '@turingpi/foundation';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { requireTemporal } from '../../bench/fleet/temporal-server.js';
import { NamespaceNode } from '../cluster/namespace-node.js';
import { NetworkSwitch } from '../cluster/network-switch.js';
import { jsonLines } from '../support/site/run-cli.js';
import { requireTools } from '../support/site/require-tools.js';
import { makeSite } from '../support/site/site.js';

/*
 * The units of examples/fleet/systemd on a computer in namespaces, whose disk begins as that of this one: a real systemd
 * starts a controller and an agent, with Temporal's development server beside them. The board is simulated, outside.
 */
const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const UNITS = path.join(REPOSITORY, 'examples/fleet/systemd');
const AGENT = 'turingpi-fleet-agent@north.service';
const CONTROLLER = 'turingpi-fleet-controller.service';
/** Only what is looked at is started: not what this computer has besides. */
const TARGET = `[Unit]\nRequires=basic.target\nAfter=basic.target\nWants=temporal.service ${CONTROLLER} ${AGENT}\n`;
const NOT_STARTED = [
  ...['timers.target', 'sockets.target', 'systemd-tmpfiles-setup.service', 'systemd-udevd.service'],
  ...['systemd-udev-trigger.service', 'systemd-timesyncd.service', 'systemd-hwdb-update.service'],
];
const mountUnit = (what: string, where: string) => `[Unit]
DefaultDependencies=no
Before=local-fs.target tmp.mount
[Mount]
What=${what}
Where=${where}
Type=none
Options=bind
[Install]
RequiredBy=local-fs.target
`;
const TEMPORAL = `[Service]
ExecStart=/opt/temporal/temporal server start-dev --headless --ip 127.0.0.1 --log-level error --db-filename /var/lib/temporal.db
Restart=always
`;
const LOG = 'journalctl -b --no-pager | tail -60';
/** As an operator at that computer, who has the key of the fleet. */
const OPERATOR =
  'cd /srv/turingpi && set -a && . /etc/turingpi/fleet.env && node_modules/.bin/turingpi fleet';

/** The development server, by its own path. */
const temporalProgram = async () =>
  process.env['TEMPORAL_PROGRAM'] ??
  (await promisify(execFile)('sh', ['-c', 'command -v temporal'])).stdout.trim();

const tools = ['unshare', 'nsenter', 'systemctl', 'ip', 'setpriv'];
/** A minute or two: on demand. */
const isWanted = process.env['UNITS'] === 'all';
const skip =
  !isWanted || process.getuid?.() !== 0 || requireTemporal().missing || requireTools(...tools).missing;

describe.skipIf(skip)('the systemd units of a fleet', () => {
  const cleanup = new CleanupStack();
  let node: NamespaceNode;
  let board: VirtualBoard;

  beforeAll(async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-systemd-'));
    cleanup.defer('folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const network = cleanup.use('network', await NetworkSwitch.make());
    const own = path.join(folder, 'own');
    const [system, etc, srv, users] = [
      ...['etc/systemd/system', 'etc/turingpi', 'srv/turingpi', 'etc/sysusers.d'],
    ].map((name) => path.join(own, name)) as [string, string, string, string];
    const mountPoints = ['opt/repository', 'opt/temporal'];
    for (const one of [system, etc, srv, users, ...mountPoints.map((name) => path.join(own, name))])
      await mkdir(one, { recursive: true });
    for (const name of await readdir(UNITS))
      if (name.endsWith('.service')) await cp(path.join(UNITS, name), path.join(system, name));
    await cp(path.join(UNITS, 'turingpi.sysusers.conf'), path.join(users, 'turingpi.conf'));
    await symlink('turingpi-fleet-agent@.service', path.join(system, AGENT));
    await writeFile(path.join(system, 'temporal.service'), TEMPORAL);
    await writeFile(path.join(system, 'looked-at.target'), TARGET);
    await symlink('looked-at.target', path.join(system, 'default.target'));
    await mkdir(path.join(system, 'local-fs.target.requires'));
    const mounts = {
      'opt-repository': REPOSITORY,
      'opt-temporal': path.dirname(await temporalProgram()),
    };
    for (const [name, what] of Object.entries(mounts)) {
      const unit = `${name}.mount`;
      await writeFile(path.join(system, unit), mountUnit(what, `/${name.replaceAll('-', '/')}`));
      await symlink(`../${unit}`, path.join(system, 'local-fs.target.requires', unit));
    }
    for (const unit of NOT_STARTED) await symlink('/dev/null', path.join(system, unit));
    const key = `TPI_FLEET_KEY=${randomBytes(32).toString('base64')}\n`;
    await writeFile(path.join(etc, 'fleet.env'), key, { mode: 0o600 });

    const site = cleanup.use('site', await makeSite());
    board = await startVirtualBoard({
      dir: path.join(folder, 'board'),
      nodes: [{ board: 'rk1' }],
      host: `${network.network}.1`,
      clock: { scale: 200 },
      emmcSizeBytes: 80 << 20,
      emmcBytesPerSecond: 24 << 20,
      httpPort: 'off',
      // Which disks were approved is written on that computer's own disk, where the board cannot read it.
      foreign: 'everyone',
    });
    cleanup.use('board', board);
    await site.configure(board, { cacheDir: undefined }); // where it is by itself, as of the user of the units
    await cp(site.directory, path.join(srv, 'boards'), { recursive: true });
    const configuration = await readFile(site.configFile, 'utf8');
    await writeFile(
      path.join(srv, 'boards/rack1.yaml'),
      configuration.replaceAll(REPOSITORY, '/opt/repository').replace(/^cacheDir: .*\n/m, ''),
    );
    const pem = newOperatorKey();
    await writeFile(path.join(srv, 'ada.pem'), pem, { mode: 0o600 });
    const fleet = {
      fleet: 'labs',
      engine: { temporal: { address: '127.0.0.1:7233', lostAfterMs: 5000 } },
      operators: { ada: publicLineOf(privateKeyOf(pem)!) },
      sites: { north: {} },
      boards: { rack1: { site: 'north' } },
    };
    await writeFile(path.join(srv, 'fleet.yaml'), stringify(fleet));
    const dependencies = { '@turingpi/fleet': '*', '@turingpi/fleet-temporal': '*' };
    await writeFile(path.join(srv, 'package.json'), JSON.stringify({ dependencies }));
    await symlink('/opt/repository/node_modules', path.join(srv, 'node_modules'));
    const disk = path.join(folder, 'disk');
    await mkdir(disk);
    const address = `${network.network}.5`;
    node = cleanup.use(
      'node',
      await NamespaceNode.start({ ...{ base: '/', disk, own, network, address }, hostname: 'north-1' }),
    );
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  const console = (command: string) => node.systemSays('sh', '-c', command);
  const fleet = async (words: string) => jsonLines(await console(`${OPERATOR} ${words} --json`));
  const until = async <T>(look: () => Promise<T>): Promise<T> => {
    const end = performance.now() + 60_000;
    for (;;) {
      try {
        return await look();
      } catch (error) {
        if (performance.now() > end) throw new Error(await console(LOG), { cause: error });
      }
      await sleep(200);
    }
  };
  const served = () => until(async () => expect((await fleet('agents'))[0]).toMatchObject({ unserved: [] }));

  it('serve a site: killed in the middle of a flash, and after a power cut, they go on by themselves', async () => {
    await until(() => console('systemd-sysusers /etc/sysusers.d/turingpi.conf'));
    await console('chown -R turingpi: /srv/turingpi');
    await served();
    await console(`${OPERATOR} plan -o plan.json || test $? = 6`);
    await fleet('approve plan.json --operator ada --key ada.pem -o ok.json');
    const up = fleet('up plan.json --approvals ok.json');
    await until(async () =>
      expect(await console(`journalctl -b -u ${AGENT}`)).toContain('rack1/1 install started'),
    );
    await console(`systemctl kill -s KILL ${AGENT}`);
    const events = await up.catch(async (error: unknown) => {
      throw new Error(await console(LOG), { cause: error });
    });
    expect(events.at(-1)).toMatchObject({ type: 'rollout:ended', outcome: 'completed' });
    expect(jsonLines(await console('cat /srv/turingpi/fleet.yaml.approvals.jsonl'))).toMatchObject([
      { board: 'rack1', node: 1, operator: 'ada' }, // used up once, although the agent was killed
    ]);

    await node.powerCut();
    await node.says('ip', 'addr', 'add', `${board.https.host.replace(/\.1$/, '.5')}/24`, 'dev', 'eth0');
    await served();
    const [status] = await fleet('status');
    expect(status).toMatchObject({ rollouts: [{ outcome: 'completed' }] });
    const [plan] = await fleet('plan'); // the records are where they were
    expect(plan).toMatchObject({ boards: { rack1: [{ changes: false }] } });

    for (const unit of [AGENT, CONTROLLER]) {
      await console(`systemctl stop ${unit}`);
      expect(await console(`systemctl show -P Result ${unit}`), unit).toBe('success\n');
    }
  }, 240_000);
});
