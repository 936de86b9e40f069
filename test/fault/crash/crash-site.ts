import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_IDS, type NodeId, nodeName, Secret } from '@turingpi/foundation';
import { type ClusterPlan, PHASES } from '@turingpi/core';

import { ClientSshRuntime } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { FileStateStore } from '../../../packages/core/src/state/file-state-store.js';
import { jsonLines, runCli, startCli } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';

/** How a run of `turingpi up` ended, and what it said. */
export interface CrashedRun {
  /** Null when it was killed. */
  readonly exitCode: number | null;
  readonly lines: readonly Record<string, unknown>[];
}

export { PHASES };
export type State = Awaited<ReturnType<FileStateStore['load']>>;

/** Steps that were done according to the records, and that a later run has begun again. */
export function repeated(before: State, lines: CrashedRun['lines']): readonly string[] {
  return lines.flatMap(({ event, nodeId, phase, reason }) => {
    if (event !== 'phase:started') return [];
    const id = NODE_IDS.find((one) => one === nodeId);
    const known = PHASES.find((one) => one === phase);
    if (id === undefined || known === undefined) return [];
    if (before[nodeName(id)]?.[known]?.status !== 'completed') return [];
    return [`${nodeName(id)} ${known} was done, and was begun again: ${String(reason)}`];
  });
}

/**
 * A user's folder and a virtual board with four nodes, which outlives whatever is done to the processes that use it. In each
 * round everything is new to them: another mark is to be in every image, and nothing is on record.
 */
export class CrashSite implements AsyncDisposable {
  #round = 0;

  private constructor(
    readonly site: Site,
    readonly board: VirtualBoard,
  ) {}

  static async make(): Promise<CrashSite> {
    const site = await makeSite();
    const board = await startVirtualBoard({
      dir: path.join(site.directory, 'board'),
      nodes: NODE_IDS.map(() => ({ board: 'rk1' as const })),
      clock: { scale: 200 },
      emmcSizeBytes: 80 << 20,
      emmcBytesPerSecond: 60 << 20,
      httpPort: 'off',
    });
    return new CrashSite(site, board);
  }

  get stateFile(): string {
    return path.join(this.site.cacheDir, 'tpi_state.json');
  }

  get store(): FileStateStore {
    return new FileStateStore(this.stateFile);
  }

  /** Everything is to be made anew, and nothing is known. */
  async beginRound(): Promise<void> {
    this.#round += 1;
    for (const id of NODE_IDS) await this.board.switchPower(id, false);
    await rm(this.site.cacheDir, { recursive: true, force: true });
    const marks = NODE_IDS.map((id): [string, object] => [
      `node${id}`,
      {
        files: [{ path: '/etc/mark', content: `${this.#mark(id)}\n` }],
        postInstall: [1, 2, 3].map((step) => ({
          run: ['sh', '-c', `echo ${step} ${this.#mark(id)} >> /etc/steps`],
        })),
      },
    ]);
    await this.site.configure(this.board, {
      workflow: {
        baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
        user: { name: 'admin', password: this.site.userPassword, sshKeys: [this.site.publicKey] },
        nodes: Object.fromEntries(marks),
      },
    });
  }

  /** Starts `turingpi up`; `crash` is told of the process, to do something to it. */
  async up(
    crash: (child: ReturnType<typeof startCli>, ended: AbortSignal) => unknown = () => undefined,
    { env = {}, words = [] }: { env?: Readonly<Record<string, string>>; words?: readonly string[] } = {},
  ): Promise<CrashedRun> {
    const parameters = ['up', '--json', '--erase', 'all', '-c', this.site.configFile, ...words];
    const child = startCli(parameters, { env });
    const ended = new AbortController();
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const closed = once(child, 'close');
    const crashing = Promise.resolve(crash(child, ended.signal));
    const [exitCode] = (await closed) as [number | null];
    ended.abort();
    await crashing;
    // The last line may have been cut.
    return { exitCode, lines: jsonLines(text.slice(0, text.lastIndexOf('\n') + 1)) };
  }

  /** What `turingpi plan` says that the next run does. */
  async plan(): Promise<ClusterPlan> {
    const parameters = ['plan', '--json', '--erase', 'all', '-c', this.site.configFile];
    const { stdout, stderr } = await runCli(parameters);
    try {
      return JSON.parse(stdout) as ClusterPlan;
    } catch (cause) {
      throw new Error(`there is no plan: ${stdout}${stderr}`, { cause });
    }
  }

  /** Waits until the board writes to some node's disk. */
  async untilWriting(ended: AbortSignal): Promise<void> {
    while (!ended.aborted && !/Transferring.*bytes_written":\s*[1-9]/.test(this.board.transferStatus))
      await sleep(5);
  }

  /** How often each node's flash was begun, so far. */
  flashes(): Readonly<Record<NodeId, number>> {
    const starts = (id: NodeId) => `opt=set&type=flash&node=${id - 1}&`;
    const count = (id: NodeId) =>
      this.board.accessLog.filter(({ target }) => `${target}&`.includes(starts(id))).length;
    return { 1: count(1), 2: count(2), 3: count(3), 4: count(4) };
  }

  /** Runs `turingpi up` until everything is done. @returns What was wrong on the way and is in the end. */
  async comeToTheEnd(runs: number): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const { state } = await this.wrongRecords();
      const { exitCode, lines } = await this.up();
      wrong.push(...repeated(state, lines), ...(await this.wrongRecords()).wrong);
      if (exitCode === 0) return [...wrong, ...(await this.wrongNodes(1))];
      if (run === runs) wrong.push(`run ${run} ended with ${exitCode}: ${JSON.stringify(lines.slice(-2))}`);
    }
    return wrong;
  }

  /** What is wrong with the records as they are: none of it may ever be. */
  async wrongRecords(): Promise<{ readonly wrong: readonly string[]; readonly state: State }> {
    const wrong: string[] = [];
    const { store } = this;
    let state: State = { version: 2 };
    try {
      state = await store.load();
      for (const id of NODE_IDS) {
        const name = nodeName(id);
        await store.journal(name, 'post_installation');
        for (const phase of PHASES) {
          const record = state[name]?.[phase];
          if (record?.status !== 'completed') continue;
          if (record.output === undefined || record.input_hash === undefined)
            wrong.push(`${name} ${phase} is completed and says nothing of what it made`);
          if (record.owner !== undefined) wrong.push(`${name} ${phase} is completed and has an owner`);
        }
      }
    } catch (error) {
      wrong.push(`the records cannot be read: ${(error as Error).message}`);
    }
    return { wrong, state };
  }

  /** What is wrong on the nodes and on their disks, after a run that said that everything is done. */
  async wrongNodes(kills: number): Promise<readonly string[]> {
    const wrong: string[] = [];
    const { state } = await this.wrongRecords();
    for (const id of NODE_IDS) {
      const name = nodeName(id);
      for (const phase of PHASES)
        if (state[name]?.[phase]?.status !== 'completed')
          wrong.push(`${name} ${phase} is not on record as done`);
      const disk = await readFile(this.board.nodes[id - 1]!.emmc!);
      const marks = this.#marksIn(disk);
      if (!marks.has(id)) wrong.push(`the eMMC of ${name} has not what was asked for`);
      for (const other of marks)
        if (other !== id) wrong.push(`the eMMC of ${name} has what was for node ${other}`);
      wrong.push(...(await this.#wrongSystem(id, kills)));
    }
    return wrong;
  }

  /** What the node itself says over SSH. */
  async #wrongSystem(id: NodeId, kills: number): Promise<readonly string[]> {
    const { site, board } = this;
    const { host, port } = board.nodes[id - 1]!.ssh!;
    const name = nodeName(id);
    const output = (await this.store.load())[name]?.os_installation?.output as
      { hostKeys: string[] } | undefined;
    const { signal } = new AbortController();
    try {
      await using session = await new ClientSshRuntime().connect(
        {
          ...{ host, port, username: 'admin', hostKeys: output?.hostKeys ?? [] },
          auth: { privateKey: new Secret(await readFile(site.privateKeyFile, 'utf8')) },
        },
        { signal },
      );
      const read = async (file: string) => (await session.readFile(file, { signal, sudo: true })).toString();
      const wrong: string[] = [];
      const hostname = (await read('/etc/hostname')).trim();
      if (hostname !== `site-${id}`) wrong.push(`${name} is called ${hostname}`);
      if ((await read('/etc/mark')).trim() !== this.#mark(id)) wrong.push(`${name} has another mark`);
      const steps = (await read('/etc/steps')).trim().split('\n');
      const numbers = steps.map((step) => Number(step.split(' ')[0]));
      // An action whose record was cut off is done again; none is done twice otherwise, and none before the one before it.
      if (numbers.toSorted((a, b) => a - b).join() !== numbers.join() || new Set(numbers).size !== 3)
        wrong.push(`${name} did the steps ${numbers.join()}`);
      if (numbers.length > 3 + kills) wrong.push(`${name} did ${numbers.length} steps after ${kills} kills`);
      return wrong;
    } catch (error) {
      return [`${name} cannot be asked: ${(error as Error).message}`];
    }
  }

  #mark(id: NodeId): string {
    return `${this.#markOfRound}${id}-end`;
  }

  get #markOfRound(): string {
    return `mark-of-round-${this.#round}-node-`;
  }

  /** For which nodes there are marks of this round on a disk: it is searched through once. */
  #marksIn(disk: Buffer): ReadonlySet<NodeId> {
    const prefix = this.#markOfRound;
    const found = new Set<NodeId>();
    for (let at = disk.indexOf(prefix); at !== -1; at = disk.indexOf(prefix, at + 1)) {
      const text = disk.toString('latin1', at, at + prefix.length + '1-end'.length);
      for (const id of NODE_IDS) if (text === this.#mark(id)) found.add(id);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.board[Symbol.asyncDispose]();
    await this.site[Symbol.asyncDispose]();
  }
}
