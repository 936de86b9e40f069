import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, InstalledNode, PhaseEnvironment } from '@turingpi/core/plugin';
import { RuntimeError, type SshSession } from '@turingpi/runtime';
import type { NetworkConfig } from '../image/network-config.js';
import type { ReadLogin } from '../login/recorded-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { LazySession } from '../post-install/lazy-session.js';
import { ProvisioningError } from '../provisioning-error.js';
import type { NetworkInPlace } from '../reconfiguration/network-in-place.js';
import { NETWORK_LIMITS, SSH_RUNTIME } from '../services/tokens.js';
import { addressInUse } from './address-in-use.js';
import { locateNode } from './locate-node.js';

/** A node whose network is changed as it runs. */
export interface MovedNode {
  readonly context: Context;
  readonly os: OperatingSystem;
  readonly how: NetworkInPlace;
  readonly installed: InstalledNode;
  /** With all that may let in. */
  readonly login: ReadLogin;
  /** Addresses where it may be, the likeliest first. */
  readonly places: readonly string[];
  readonly phase: PhaseEnvironment;
}

/** A network for a node, and the address that it is reached at then. */
export interface NetworkMove {
  readonly from: string;
  readonly to: string;
  readonly network: NetworkConfig;
}

/** How a change ended that was not kept. */
interface NetworkEnd extends Pick<NetworkMove, 'from' | 'to'> {
  /** Where the node answers. */
  readonly at: string;
  readonly complaint: string | undefined;
}

const POLL_MS = 500;
/** Longer than a node needs to go back when its time is over. */
const SLACK_MS = 60_000;
/** Of one login with a network that is on trial, or is being given up. */
const TRIAL_MS = 20_000;

/** Gives a node another network, and is content when it was reached with it and has kept it. */
export class NodeMove {
  constructor(private readonly node: MovedNode) {}

  /**
   * Where the node is, once nothing of an earlier change is undecided there: that is given up first.
   *
   * @throws ProvisioningError `NETWORK_UNDECIDED`; RuntimeError of the connection.
   */
  async settle(): Promise<string> {
    const { how, phase, places } = this.node;
    const until = performance.now() + this.#limits.revertAfterMs + SLACK_MS;
    let isGoingBack = false;
    let why: unknown;
    while (performance.now() < until) {
      const found = await this.#locate();
      const address = found ?? places[0] ?? '';
      const look = async (session: SshSession) => {
        if (!(await how.isUndecided(session, phase.signal))) return true;
        if (isGoingBack) return false;
        phase.progress({ activity: 'network', note: 'gives up a change that was not completed' });
        isGoingBack = true;
        await how.giveUp(session, phase.signal);
        return false;
      };
      // It has answered there a moment ago: by now it may be on its way back, and that address nobody's.
      const limit = found === undefined ? undefined : TRIAL_MS;
      const isSettled = await this.#at(address, look, limit).catch((error: unknown) => {
        phase.signal.throwIfAborted();
        if (!isPassing(error) || (found === undefined && !isGoingBack)) throw error;
        why = error;
        return false;
      });
      if (isSettled) return address;
      await this.#pause();
    }
    throw this.#undecided(why);
  }

  /**
   * Changes the network, unless the node has it already.
   *
   * @throws ProvisioningError `ADDRESS_IN_USE` when somebody else has the address; `NETWORK_REVERTED` when the node was not
   * reached and has gone back; `NETWORK_UNDECIDED` when it is not known where it is; what the operating system throws.
   */
  async change({ from, to, network }: NetworkMove): Promise<void> {
    const { how, phase } = this.node;
    const { signal, progress } = phase;
    const note = from === to ? from : `${from} → ${to}`;
    const { revertAfterMs } = this.#limits;
    const id = await this.#at(from, async (session) => {
      if (from !== to) await this.#assertFree(session, to);
      progress({ activity: 'network', note });
      return how.begin(session, network, { signal, revertAfterMs, always: from !== to });
    });
    if (id === undefined) return;
    progress({ activity: 'network', note: `${note}: waits until it answers` });
    const refusal = await this.#keep(id, to);
    if (refusal !== undefined) throw await this.#back({ from, to }, refusal);
  }

  /** Has the node keep a network as soon as it is reached with it. @returns Why not, where it is not. */
  async #keep(id: string, to: string): Promise<unknown> {
    const { how, phase } = this.node;
    const until = performance.now() + this.#limits.answerMs;
    let why: unknown;
    while (performance.now() < until) {
      try {
        const left = Math.min(TRIAL_MS, until - performance.now());
        const kept = await this.#at(to, (session) => how.keep(session, id, phase.signal), left);
        if (kept === 'kept') return undefined;
        if (kept === 'gone') return new Error('it had gone back');
      } catch (error) {
        phase.signal.throwIfAborted();
        if (!isPassing(error)) return error;
        why = error;
      }
      await this.#pause();
    }
    return why ?? new Error('it did not take the network in time');
  }

  /** The error for a node that was not reached: it goes back by itself, and that is waited for. */
  async #back({ from, to }: Pick<NetworkMove, 'from' | 'to'>, cause: unknown): Promise<ProvisioningError> {
    const { phase } = this.node;
    const until = performance.now() + this.#limits.revertAfterMs + SLACK_MS;
    phase.progress({ activity: 'network', note: `waits until it has gone back to ${from}`, warning: true });
    while (performance.now() < until) {
      const address = await this.#locate();
      const found = address && (await this.#foundAt(address));
      if (found) return this.#reverted({ from, to, at: address, complaint: found.complaint }, cause);
      await this.#pause();
    }
    return this.#undecided(cause);
  }

  /** What a node says that has gone back; undefined while it has not, or is not reached. */
  async #foundAt(address: string): Promise<{ readonly complaint: string | undefined } | undefined> {
    const { how, phase } = this.node;
    const { signal } = phase;
    const look = async (session: SshSession) =>
      (await how.isUndecided(session, signal))
        ? undefined
        : { complaint: await how.complaint(session, signal) };
    return this.#at(address, look, TRIAL_MS).catch(() => {
      signal.throwIfAborted();
      return undefined;
    });
  }

  #reverted({ from, to, at, complaint }: NetworkEnd, cause: unknown): ProvisioningError {
    const { id, hostname } = this.node.context.node;
    const why = complaint === undefined ? reasonOf(cause) : `it says: ${complaint}`;
    return new ProvisioningError(
      'NETWORK_REVERTED',
      `${hostname} was not reached at ${to} with its new network: ${why}. It has gone back to the network before, and answers at ${at}`,
      {
        cause,
        hint: 'Check address, prefix length, gateway, VLAN and interface; and that this computer reaches the new address. Nothing else was changed by it: run again.',
        details: { node: id, from, to },
      },
    );
  }

  /**
   * Sees to it that nobody has an address: asked from here, and by the node on its wire.
   *
   * @throws ProvisioningError `ADDRESS_IN_USE`
   */
  async #assertFree(session: SshSession, address: string): Promise<void> {
    const { context, os, how, installed, phase } = this.node;
    const { node } = context;
    if (node.config.ssh?.host === undefined) {
      const { answers } = await locateNode({
        ...{ context, system: os, hostKeys: installed.hostKeys, places: [address], signal: phase.signal },
      });
      const answer = answers.get(address);
      if (answer?.answer === 'other') throw addressInUse(node, address, `another machine: ${answer.why}`);
      if (answer?.answer === 'none' && answer.refused === true)
        throw addressInUse(node, address, 'a machine that refuses SSH');
    }
    if ((await how.isTaken(session, address, phase.signal)) === true)
      throw addressInUse(node, address, `another machine, which answered ${node.hostname} on its wire`);
  }

  async #locate(): Promise<string | undefined> {
    const { context, os: system, installed, places, phase } = this.node;
    const { hostKeys } = installed;
    return (await locateNode({ context, system, hostKeys, places, signal: phase.signal })).address;
  }

  /** With a connection of its own to an address: one to the address before may hang when that is gone. */
  async #at<T>(ipAddress: string, work: (session: SshSession) => Promise<T>, timeoutMs?: number): Promise<T> {
    const { context, os, installed, login, phase } = this.node;
    const ssh = context.service(SSH_RUNTIME);
    const there = { ...installed, ipAddress };
    await using session = new LazySession(context, ssh, os, there, login, phase, timeoutMs);
    return await work(await session.open());
  }

  #pause(): Promise<void> {
    return sleep(POLL_MS, undefined, { signal: this.node.phase.signal });
  }

  get #limits() {
    return this.node.context.service(NETWORK_LIMITS);
  }

  #undecided(cause?: unknown): ProvisioningError {
    const { context, places } = this.node;
    const why = cause === undefined ? '' : `: ${reasonOf(cause)}`;
    return new ProvisioningError(
      'NETWORK_UNDECIDED',
      `${context.node.hostname} answers at none of ${places.join(', ')} since its network was changed${why}`,
      {
        cause,
        hint: 'It goes back to the network before by itself, and when it is restarted. Look at its serial console, or restart it; then run again.',
        details: { node: context.node.id, places: [...places] },
      },
    );
  }
}

/** What a network that is only just taken may bring with it. */
const PASSING: ReadonlySet<string> = new Set([
  'SSH_CONNECTION_LOST',
  'SSH_UNREACHABLE',
  'SSH_TIMEOUT',
  'SSH_PROTOCOL',
]);

function isPassing(error: unknown): boolean {
  return error instanceof RuntimeError && PASSING.has(error.code);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
}
