import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import { BackendImageEngine } from '@turingpi/image';
import type { BoardDriver, InstallationRequest, InstallationStrategy } from '@turingpi/provisioning';
import { NamespaceNode } from './namespace-node.js';
import { NetworkSwitch } from './network-switch.js';

const run = promisify(execFile);

/**
 * Modules that are namespaces with a real Debian: what a customised image says of host keys and host name is taken from
 * it, and the rest of its system is a Debian of this computer's architecture.
 */
export class NamespaceLab implements AsyncDisposable {
  readonly #nodes = new Map<NodeId, NamespaceNode>();
  /** How often each node was installed. */
  readonly installations = new Map<NodeId, number>();

  private constructor(
    private readonly directory: string,
    private readonly base: string,
    private readonly network: NetworkSwitch,
    private readonly publicKey: string,
    /** Whether nodes set up their network as their image says, with netplan. */
    private readonly usesNetplan: boolean,
  ) {}

  /** @param base - see `debianRoot`; @param publicKey - of whoever logs in */
  static async make(base: string, publicKey: string, usesNetplan = false): Promise<NamespaceLab> {
    const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-lab-'));
    return new NamespaceLab(directory, base, await NetworkSwitch.make(), publicKey, usesNetplan);
  }

  /** A node that is on. */
  node(id: NodeId): NamespaceNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`node ${id} is off`);
    return node;
  }

  /** The first three numbers of its addresses. */
  get addresses(): string {
    return this.network.network;
  }

  /** Plugs another machine in. @param pid - of a process in its network namespace */
  plugIn(pid: number, address: string): Promise<void> {
    return this.network.plugIn(pid, address);
  }

  /** Boards of type rk1 whose modules are namespaces. */
  get plugin(): Plugin {
    const install = (request: InstallationRequest) => this.#install(request);
    const powerOn = (id: NodeId, hostname: string) => this.#powerOn(id, hostname);
    const powerOff = (id: NodeId) => this.#powerOff(id);
    class LabDriver implements BoardDriver {
      readonly id = 'rk1';
      readonly title = 'a namespace';
      readonly strategies: readonly InstallationStrategy[] = [
        { id: 'namespace', summary: 'takes the host keys of the image', install },
      ];
      powerOn({ node }: Parameters<BoardDriver['powerOn']>[0]): Promise<void> {
        return powerOn(node.id, node.hostname);
      }
      powerOff({ node }: Parameters<BoardDriver['powerOff']>[0]): Promise<void> {
        return powerOff(node.id);
      }
      async *followConsole({ signal }: Parameters<BoardDriver['followConsole']>[0]): AsyncIterable<string> {
        yield* [];
        if (!signal.aborted)
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
      sendConsoleLine(): Promise<void> {
        return Promise.resolve();
      }
    }
    return definePlugin({ name: 'namespaces', boards: [LabDriver] });
  }

  async #install({ node, image, signal, permit }: InstallationRequest): Promise<void> {
    await permit?.begin({ node: node.id, disk: 'emmc' });
    await this.#powerOff(node.id);
    const own = path.join(this.directory, `own${node.id}`);
    await rm(own, { recursive: true, force: true });
    const cacheDir = path.join(this.directory, 'cache');
    await using session = await new BackendImageEngine().open(image.record.path, { signal, cacheDir });
    const files = await session.files();
    const write = async (name: string, content: string | Buffer, mode = 0o644) => {
      const file = path.join(own, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content, { mode });
    };
    for (const type of ['ed25519', 'ecdsa', 'rsa'])
      for (const [end, mode] of [
        ['', 0o600],
        ['.pub', 0o644],
      ] as const) {
        const name = `/etc/ssh/ssh_host_${type}_key${end}`;
        if (await files.exists(name)) await write(name, await files.readFile(name), mode);
      }
    await write('/etc/hostname', `${node.hostname}\n`);
    // There is no name server: who asks one waits.
    await write('/etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${node.hostname}\n`);
    await write('/etc/resolv.conf', '');
    await write('/etc/ssh/sshd_config.d/lab.conf', 'AuthorizedKeysFile /etc/ssh/admin_keys\nUseDNS no\n');
    await write('/etc/ssh/admin_keys', `${this.publicKey}\n`);
    await write('/etc/sudoers.d/admin', 'admin ALL=(ALL) NOPASSWD: ALL\n', 0o440);
    await write('/etc/sysusers.d/admin.conf', 'u admin 1000 "" /home/admin /bin/sh\n');
    await write('/home/admin/.profile', '');
    if (this.usesNetplan) {
      const name = '/etc/netplan/60-turingpi.yaml';
      await write(name, await files.readFile(name), 0o600);
      for (const unit of ['systemd-networkd.service', 'dbus.service']) {
        const wanted = path.join(own, 'etc/systemd/system/multi-user.target.wants', unit);
        await mkdir(path.dirname(wanted), { recursive: true });
        await symlink(`/lib/systemd/system/${unit}`, wanted);
      }
    }
    // The first boot is that of an image, which this is not: it is over.
    await write('/usr/bin/cloud-init', '#!/bin/sh\necho status: done\n', 0o755);
    await run('chown', ['-R', '0:0', own]);
    this.installations.set(node.id, (this.installations.get(node.id) ?? 0) + 1);
  }

  async #powerOn(id: NodeId, hostname: string): Promise<void> {
    if (this.#nodes.has(id)) return;
    const disk = path.join(this.directory, `disk${id}`);
    await mkdir(disk, { recursive: true });
    const own = path.join(this.directory, `own${id}`);
    const { base, network } = this;
    const address = this.usesNetplan ? undefined : `${network.network}.${100 + id}`;
    this.#nodes.set(id, await NamespaceNode.start({ base, disk, own, hostname, address, network }));
  }

  async #powerOff(id: NodeId): Promise<void> {
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    await node?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#nodes.keys()]) await this.#powerOff(id);
    await this.network[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}
