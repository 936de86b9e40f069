import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A switch that nodes in namespaces and this computer are plugged into. It is in a network namespace of its own, where no
 * rule of this computer's firewall counts (Docker's forward nothing).
 */
export class NetworkSwitch implements AsyncDisposable {
  private constructor(
    private readonly holder: ChildProcess,
    private readonly port: string,
    /** The first three numbers of its addresses; this computer has the first one. */
    readonly network: string,
  ) {}

  static async make(): Promise<NetworkSwitch> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep infinity'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const number = process.pid % 10_000;
    const made = new NetworkSwitch(holder, `tpi${number}`, `10.${213 + (number % 40)}.${number % 251}`);
    try {
      const pid = String(holder.pid);
      await run('ip', ['link', 'add', made.port, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', pid]);
      await run('ip', ['addr', 'add', `${made.network}.1/24`, 'dev', made.port]);
      await run('ip', ['link', 'set', made.port, 'up']);
      await made.#inside('link', 'add', 'bridge', 'type', 'bridge');
      for (const link of ['bridge', 'uplink']) await made.#inside('link', 'set', link, 'up');
      await made.#inside('link', 'set', 'uplink', 'master', 'bridge');
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Gives a network namespace an `eth0`, with an address where one is given. @param pid - of a process in it */
  async plugIn(pid: number, address: string | undefined): Promise<void> {
    const port = `port${pid}`;
    await this.#inside('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
    await this.#inside('link', 'set', port, 'master', 'bridge', 'up');
    const there = ['-t', String(pid), '-n', 'ip'];
    if (address === undefined) return;
    await run('nsenter', [...there, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
    await run('nsenter', [...there, 'link', 'set', 'eth0', 'up']);
  }

  async #inside(...parameters: readonly string[]): Promise<void> {
    await run('nsenter', ['-t', String(this.holder.pid), '-n', 'ip', ...parameters]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.holder, 'exit');
    this.holder.kill('SIGKILL');
    await ended;
    await run('ip', ['link', 'del', this.port]).catch(() => undefined); // it goes with the namespace, sooner or later
  }
}
