import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateHostKeys, generateKeyPair, type SshSession, waitForSsh } from '@turingpi/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderIfupdown } from '../../packages/linux/src/network/ifupdown.js';
import { LinuxNetwork } from '../../packages/linux/src/network/linux-network.js';
import { renderKeyfiles } from '../../packages/linux/src/network/network-manager.js';
import { type NetworkPlan, planNetwork } from '../../packages/linux/src/network/network-plan.js';
import { renderNetworkd } from '../../packages/linux/src/network/networkd.js';
import {
  DEBIAN_MISSING,
  DEBIAN_NEEDS,
  DEBIAN_PACKAGES,
  debianRoot,
} from '../../packages/linux/src/post-install/debian-root.fixture.js';
import { NamespaceNode } from './namespace-node.js';
import { NetworkSwitch } from './network-switch.js';

/** A program that sets up the network of a Debian without netplan. */
interface NetworkProgram {
  readonly name: string;
  /** Commands that put it in charge. */
  readonly setUp: string;
  /** Its files, by path. */
  readonly files: (plan: NetworkPlan) => Readonly<Record<string, string>>;
}

const KEYFILES = '/etc/NetworkManager/system-connections';
const PROGRAMS: readonly NetworkProgram[] = [
  {
    name: 'systemd-networkd',
    setUp: 'systemctl enable systemd-networkd dbus',
    files: (plan) =>
      Object.fromEntries(
        renderNetworkd(plan).map(({ fileName, content }) => [`/etc/systemd/network/${fileName}`, content]),
      ),
  },
  {
    name: 'ifupdown',
    setUp: 'apt-get update -q; apt-get install -y -q ifupdown; rm -rf /etc/network/interfaces.d/*',
    files: (plan) => ({ '/etc/network/interfaces': renderIfupdown(plan) }),
  },
  // Its packages are many: it is part of the long form.
  ...(process.env['CLUSTER'] === 'all'
    ? [
        {
          name: 'NetworkManager',
          setUp: 'apt-get update -q; apt-get install -y -q network-manager; systemctl enable dbus',
          files: (plan: NetworkPlan) =>
            Object.fromEntries(
              renderKeyfiles(plan).map(({ fileName, content }) => [`${KEYFILES}/${fileName}`, content]),
            ),
        },
      ]
    : []),
];

if (DEBIAN_MISSING.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${DEBIAN_MISSING.join(', ')}`);

/* Real nodes, whose network is changed as they run. What becomes of a change is in `change-address`: with netplan. */
describe.skipIf(DEBIAN_MISSING.length > 0)(`programs of a network (${DEBIAN_NEEDS})`, () => {
  let directory: string;
  let network: NetworkSwitch;
  let base: string;
  const nodes: NamespaceNode[] = [];
  beforeAll(async () => {
    const later = PROGRAMS.length > 2 ? [...DEBIAN_PACKAGES, 'network-manager'] : DEBIAN_PACKAGES;
    base = await debianRoot(later);
    directory = await mkdtemp(path.join(tmpdir(), 'turingpi-programs-'));
    network = await NetworkSwitch.make();
  }, 300_000);
  afterAll(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await network[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** A node at an address that it was given from outside, before its own program has one for it. */
  async function started(name: string, address: string) {
    const [own, disk] = [path.join(directory, `${name}-own`), path.join(directory, `${name}-disk`)];
    await mkdir(disk);
    const key = await generateKeyPair('ed25519');
    const [hostKey] = await generateHostKeys(['ed25519']);
    const write = async (file: string, content: string, mode = 0o644) => {
      await mkdir(path.dirname(path.join(own, file)), { recursive: true });
      await writeFile(path.join(own, file), content, { mode });
    };
    await write('etc/ssh/ssh_host_ed25519_key', hostKey!.privateKey.reveal(), 0o600);
    await write('etc/ssh/ssh_host_ed25519_key.pub', `${hostKey!.publicKey}\n`);
    await write('etc/ssh/sshd_config.d/lab.conf', 'AuthorizedKeysFile /etc/ssh/root_keys\nUseDNS no\n');
    await write('etc/ssh/root_keys', `${key.publicKey}\n`);
    await write('etc/resolv.conf', '');
    const hostname = name.toLowerCase();
    const node = await NamespaceNode.start({ base, disk, own, hostname, address, network });
    nodes.push(node);
    const login = { username: 'root', auth: { privateKey: key.privateKey }, hostKeys: [hostKey!.publicKey] };
    const connect = (host: string): Promise<SshSession> =>
      waitForSsh(
        { ...login, host },
        { signal: AbortSignal.timeout(60_000), intervalMs: 200, connectTimeoutMs: 2000 },
      );
    return { node, connect };
  }

  it.concurrent.for(PROGRAMS)(
    '$name takes another address, keeps it when it is told to, and goes back otherwise',
    { timeout: 180_000 },
    async ({ name, setUp, files }) => {
      const first = 10 + PROGRAMS.findIndex((program) => program.name === name);
      const at = (move: number) => `${network.network}.${first + 30 * move}`;
      const wanted = (move: number) => ({
        ...{ ipCidr: `${at(move)}/24`, hostname: name.toLowerCase(), gateway: `${network.network}.1` },
        dnsServers: [`${network.network}.${move + 1}`],
      });
      const { signal } = new AbortController();
      const how = new LinuxNetwork();
      const { node, connect } = await started(name, at(0));
      {
        await using session = await connect(at(0));
        await session.exec(
          `set -e; dpkg --purge netplan.io; export DEBIAN_FRONTEND=noninteractive; ${setUp}`,
          {
            signal,
          },
        );
        for (const [file, content] of Object.entries(files(planNetwork(wanted(0)))))
          await session.writeFile(file, content, { signal, mode: 0o600 });
        await session.exec('chmod 644 /etc/systemd/network/* /etc/network/interfaces || :', { signal });
      }
      await node.powerCut();
      const addresses = async () => {
        const said = await node.says('ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0', 'scope', 'global');
        return [...said.matchAll(/inet ([\d.]+)/g)].map(([, address]) => address);
      };
      const isGone = () => node.says('sh', '-c', 'ls -d /var/lib/turingpi/network/*-* || echo gone');

      const move = async (from: number, to: number, revertAfterMs: number): Promise<string> => {
        await using session = await connect(at(from));
        expect(await how.isTaken(session, at(to), signal)).toBe(false);
        const id = await how.begin(session, wanted(to), { signal, revertAfterMs, always: true });
        return id ?? '';
      };
      const kept = await move(0, 1, 60_000);
      {
        await using session = await connect(at(1));
        let answer = await how.keep(session, kept, signal);
        while (answer === 'early') {
          await sleep(200);
          answer = await how.keep(session, kept, signal);
        }
        expect(answer).toBe('kept');
        expect(await how.compare(session, wanted(1), signal)).toEqual([]);
        expect((await how.compare(session, wanted(2), signal)).length).toBeGreaterThan(0);
        expect((await session.exec(['ip', 'route', 'show', 'default'], { signal })).stdout).toContain(
          `via ${network.network}.1 dev eth0`,
        );
      }
      expect(await addresses()).toEqual([at(1)]);
      expect(await isGone()).toBe('gone\n');

      const lost = await move(1, 2, 3000);
      while ((await addresses())[0] !== at(2)) await sleep(100);
      while ((await addresses())[0] !== at(1)) await sleep(100);
      await using session = await connect(at(1));
      expect(await how.keep(session, lost, signal)).toBe('gone');
      expect(await addresses()).toEqual([at(1)]);
      while ((await isGone()) !== 'gone\n') await sleep(100);

      // A disk that is full by the time that a change is given up: what was there before needs no room.
      const full = await move(1, 2, 60_000);
      while ((await addresses())[0] !== at(2)) await sleep(100);
      {
        await using there = await connect(at(2));
        await node.limitDisk('full');
        await how.giveUp(there, signal);
      }
      while ((await addresses())[0] !== at(1)) await sleep(100);
      await node.limitDisk(undefined);
      await using back = await connect(at(1));
      expect(await how.keep(back, full, signal)).toBe('gone');
      expect(await how.compare(back, wanted(1), signal)).toEqual([]);
    },
  );
});
