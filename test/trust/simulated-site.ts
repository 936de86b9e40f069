import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createTuringPi, definePlugin, type EraseApproval, type NodeId, type TuringPi } from '@turingpi/core';
import type {
  BoardDriver,
  BoardId,
  Context,
  CustomizedImage,
  InstalledNode,
  PhaseStep,
  Standing,
} from '@turingpi/core/plugin';

/** What is on a node's disk, by the key that it would answer with. */
export interface SimulatedNode {
  /** Undefined: the disk is blank. */
  system: string | undefined;
  on: boolean;
}

/**
 * Nodes, a board and a user's project, simulated below core's contracts: what is decided is core's own, what is written
 * goes into disks that a judge looks at.
 */
export class SimulatedSite implements AsyncDisposable {
  readonly nodes: Record<1 | 2, SimulatedNode> = {
    1: { system: undefined, on: false },
    2: { system: undefined, on: false },
  };
  board: BoardId = { mac: '02:00:00:00:00:01', key: 'sha256:one' };
  source = '/home/user/project/turingpi.yaml';
  hostname = 'turingpi-node{id}';
  imageIsThere = true;
  recipe = 1;
  /** Fails the installation once, before or after the disk begins to be erased. */
  failing: 'before' | 'after' | undefined;
  /** Disks that were written, in order. */
  readonly writes: NodeId[] = [];
  /** Writes to a disk that no line of the ledger allows. */
  readonly unapproved: NodeId[] = [];
  #installations = 0;
  readonly #written = { 1: 0, 2: 0 };

  private constructor(public directory: string) {}

  static async create(): Promise<SimulatedSite> {
    return new SimulatedSite(await mkdtemp(path.join(os.tmpdir(), 'turingpi-trust-')));
  }

  get stateFile(): string {
    return path.join(this.directory, 'tpi_state.json');
  }

  get ledgerFile(): string {
    return path.join(this.directory, 'tpi_state.erasures.jsonl');
  }

  /** The project as a new process opens it. */
  open(approve: EraseApproval): Promise<TuringPi> {
    const identity = () => Promise.resolve(this.board);
    class Board {
      readonly id = 'simulated';
      readonly title = 'a simulated module';
      readonly strategies = [];
      identity = identity;
    }
    // Nobody listens at this port: a node's silence is decided by the steps below.
    const ssh = { host: '127.0.0.1', port: 1 };
    return createTuringPi(
      {
        ip: '10.0.0.2',
        node1: { ip: '10.0.0.11', board: 'simulated', ssh },
        node2: { ip: '10.0.0.12', board: 'simulated', ssh },
        network: { hostnamePattern: this.hostname },
        cacheDir: this.directory,
        plugins: [definePlugin({ name: 'simulated', boards: [Board as unknown as new () => BoardDriver] })],
      },
      { approve, source: this.source, environment: {} },
    );
  }

  /** The three phases of one node. */
  readonly workflow = async (context: Context): Promise<void> => {
    const { id, hostname } = context.node;
    const image: CustomizedImage = {
      ...{ path: `${hostname}.img.xz`, format: 'xz', sizeBytes: 1, sha256: 'aa', rawSizeBytes: 1 },
      ...{ os: 'simulated', hostname, hostKeys: [], facts: {} },
    };
    await context.runPhase({
      phase: 'image_customization',
      inputs: { base: 'base', hostname },
      recipe: this.recipe,
      isOutputValid: () => Promise.resolve(this.imageIsThere),
      execute: () => {
        this.imageIsThere = true;
        return Promise.resolve(image);
      },
    });
    const { installationId } = await context.runPhase(this.#installation(id as 1 | 2, hostname));
    await context.runJournaledPhase({
      ...{ phase: 'post_installation', inputs: {}, installationId },
      execute: async (_environment, journal) => {
        await journal.perform('run', 'first', () => Promise.resolve(1));
      },
    });
  };

  #installation(id: 1 | 2, hostname: string): PhaseStep<'os_installation'> {
    const node = this.nodes[id];
    return {
      phase: 'os_installation',
      inputs: { base: 'base', hostname },
      isOutputValid: ({ installationId }) => Promise.resolve(standingOf(node, installationId)),
      whoAnswers: () => Promise.resolve(node.on && node.system !== undefined ? 'other' : 'nobody'),
      execute: async ({ permit }) => {
        if (this.#fails('before')) throw new Error('the board did not answer');
        await permit?.begin({ node: id, disk: 'emmc' });
        await this.#write(id);
        if (this.#fails('after')) throw new Error('the board lost its power');
        const installationId = `installation-${++this.#installations}`;
        Object.assign(node, { system: installationId, on: true });
        const names = { os: 'simulated', ipAddress: `10.0.0.1${id}`, hostname, hostKeys: [] };
        return {
          installationId,
          imageSha256: 'aa',
          username: 'u',
          strategy: 'flash',
          ...names,
        } satisfies InstalledNode;
      },
    };
  }

  #fails(moment: 'before' | 'after'): boolean {
    if (this.failing !== moment) return false;
    this.failing = undefined;
    return true;
  }

  /** Overwrites a disk; the judge wants a line in the ledger for each write to a node. */
  async #write(id: 1 | 2): Promise<void> {
    const ledger = await readFile(this.ledgerFile, 'utf8').catch(() => '');
    const lines = ledger
      .split('\n')
      .filter((line) => line !== '' && (JSON.parse(line) as { node: number }).node === id);
    this.#written[id] += 1;
    if (lines.length < this.#written[id]) this.unapproved.push(id);
    this.writes.push(id);
    Object.assign(this.nodes[id], { system: undefined, on: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

function standingOf({ on, system }: SimulatedNode, installationId: string): Standing {
  if (!on || system === undefined) return { standing: 'unproven', message: 'no answer' };
  return system === installationId || { standing: 'contradicted', message: 'it shows another key' };
}
