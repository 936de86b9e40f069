import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '@turingpi/core';
import { CleanupStack, type NodeId, nodeName, Secret } from '@turingpi/foundation';
import type { Rollout } from '@turingpi/fleet/orchestrator';
import { startFleetController, TemporalOrchestrator, USUAL_TIMINGS } from '@turingpi/fleet-temporal';
import { ClientSshRuntime } from '@turingpi/runtime';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { generateX25519Identity } from 'age-encryption';
import { TemporalServer } from '../../../bench/fleet/temporal-server.js';
import { PostgresServer } from '../../../bench/store/postgres-server.js';
import { jsonLines } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';
import { FlashWatch } from './flash-watch.js';

const AGENT = path.join(import.meta.dirname, 'agent-on-computer.js');
const { signal: forever } = new AbortController();
/** Leases that are over soon, and a Temporal that takes an agent for dead soon. */
export const LEASES = { beatMs: 500, staleMs: 8000, lookMs: 100 };
const LOST_AFTER_MS = 6000;
const STEPS = [1, 2, 3];

/** What an agent says of its boards. */
export type Line = Readonly<Record<string, unknown>>;

export interface LabAgent {
  readonly host: string;
  readonly site: string;
  child: ChildProcess;
}

interface LabBoard {
  readonly name: string;
  readonly site: string;
  readonly folder: Site;
  readonly board: VirtualBoard;
  readonly watch: FlashWatch;
}

/** Two sites with two boards and two agents each, a database, a Temporal and a controller. */
export class FleetLab implements AsyncDisposable {
  readonly #cleanup = new CleanupStack();
  readonly #listeners = new Set<(line: Line, agent: LabAgent) => void>();
  readonly boards: LabBoard[] = [];
  readonly agents: LabAgent[] = [];
  readonly lines: Line[] = [];
  readonly #key = randomBytes(32).toString('base64');

  private constructor(
    readonly database: PostgresServer,
    readonly temporal: TemporalServer,
    private readonly secretsKey: string,
    private readonly nodes: readonly NodeId[],
  ) {}

  static async make(nodes: readonly NodeId[]): Promise<FleetLab> {
    const [database, temporal, key] = await Promise.all([
      PostgresServer.start(),
      TemporalServer.start(),
      generateX25519Identity(),
    ]);
    const lab = new FleetLab(database, temporal, key, nodes);
    lab.#cleanup.use('database', database);
    lab.#cleanup.use('temporal', temporal);
    for (const site of ['north', 'south'])
      for (const number of [1, 2]) await lab.#addBoard(`${site}-${number}`, site);
    lab.#cleanup.use('controller', await startFleetController(lab.#place));
    for (const site of ['north', 'south'])
      for (const letter of ['a', 'b']) lab.agents.push(lab.#start(`${site}-${letter}`, site));
    lab.#cleanup.defer('agents', async () => {
      await Promise.all(lab.agents.map(({ child }) => killed(child)));
    });
    await Promise.all(lab.agents.map(({ child }) => ready(child)));
    return lab;
  }

  orchestrator(): Promise<TemporalOrchestrator> {
    return TemporalOrchestrator.connect({
      ...this.#place,
      timings: { ...USUAL_TIMINGS, lostAfterMs: LOST_AFTER_MS },
    });
  }

  rollout(): Rollout {
    const limits = { customise: 2, install: 2, postInstall: 4 };
    const nodes = this.nodes.map((node) => ({ node, plan: '0'.repeat(64) }));
    return {
      id: 'all',
      sites: ['north', 'south'].map((id) => ({ id, limits })),
      boards: this.boards.map(({ name, site }) => ({ board: name, site, nodes })),
      reinstall: false,
      policy: {
        atOnce: this.boards.length,
        windows: [],
        retry: { attempts: 10, firstDelayMs: 500, maxDelayMs: 4000 },
      },
    };
  }

  /** Has something done when an agent says what is meant, once. */
  async when(isMeant: (line: Line) => boolean): Promise<LabAgent> {
    return new Promise((resolve) => {
      const hear = (line: Line, agent: LabAgent) => {
        if (!isMeant(line)) return;
        this.#listeners.delete(hear);
        resolve(agent);
      };
      this.#listeners.add(hear);
    });
  }

  board(name: string): LabBoard {
    const found = this.boards.find((board) => board.name === name);
    if (found === undefined) throw new Error(`there is no board ${name}`);
    return found;
  }

  /** Kills an agent, and starts it anew on its computer. */
  async killAndRestart(agent: LabAgent): Promise<void> {
    await killed(agent.child);
    await sleep(500);
    agent.child = this.#start(agent.host, agent.site).child;
  }

  /** What is wrong on the boards, after a rollout that said that everything is done. */
  async wrong(): Promise<readonly string[]> {
    const all = this.boards.flatMap((board) => this.nodes.map((node) => this.#wrongNode(board, node)));
    const slots = this.boards.flatMap(({ name, watch, board }) => [
      ...(watch.done === this.nodes.length ? [] : [`${name}: ${watch.done} flashes came to their end`]),
      ...board.findings.map((finding) => `${name}: ${JSON.stringify(finding)}`),
    ]);
    return [...slots, ...(await Promise.all(all)).flat()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }

  get #place() {
    const keys = [new Secret(this.#key)] as const;
    return { address: this.temporal.address, fleet: 'lab', keys, logger: silentLogger };
  }

  async #addBoard(name: string, site: string): Promise<void> {
    const folder = this.#cleanup.use(name, await makeSite());
    const board = await startVirtualBoard({
      dir: path.join(folder.directory, 'board'),
      nodes: this.nodes.map(() => ({ board: 'rk1' as const })),
      clock: { scale: 200 },
      emmcSizeBytes: 80 << 20,
      emmcBytesPerSecond: 24 << 20,
      httpPort: 'off',
    });
    this.#cleanup.use(`board ${name}`, board);
    const watch = new FlashWatch(board);
    this.#cleanup.defer(`watch of ${name}`, () => watch[Symbol.dispose]());
    const own = (node: NodeId) => ({
      files: [{ path: '/etc/mark', content: `${markOf(name, node)}\n` }],
      postInstall: STEPS.map((step) => ({ run: ['sh', '-c', `echo ${step} >> /etc/steps`] })),
    });
    await folder.configure(board, {
      state: { postgres: { url: { env: 'STATE_URL' }, cluster: name } },
      workflow: {
        baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
        user: { name: 'admin', password: folder.userPassword, sshKeys: [folder.publicKey] },
        nodes: Object.fromEntries(this.nodes.map((node) => [`node${node}`, own(node)])),
      },
    });
    this.boards.push({ name, site, folder, board, watch });
  }

  #start(host: string, site: string): LabAgent {
    const { address } = this.temporal;
    const boards = this.boards.filter((board) => board.site === site);
    const given = {
      ...{ host, site, leases: LEASES, key: this.#key, address, fleet: 'lab' },
      boards: Object.fromEntries(boards.map(({ name, folder }) => [name, folder.configFile])),
    };
    const child = spawn(process.execPath, [AGENT, JSON.stringify(given)], {
      env: { ...process.env, STATE_URL: this.database.url(), TPI_SECRETS_KEY: this.secretsKey },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const agent: LabAgent = { host, site, child };
    createInterface({ input: child.stdout }).on('line', (text) => {
      for (const line of jsonLines(text)) {
        this.lines.push(line);
        const current = this.agents.find((each) => each.host === host) ?? agent;
        for (const hear of this.#listeners) hear(line, current);
      }
    });
    return agent;
  }

  async #wrongNode({ name, folder, board }: LabBoard, node: NodeId): Promise<readonly string[]> {
    const place = `${name}/${node}`;
    const wrong: string[] = [];
    await using store = await openPostgresState({
      settings: postgresSettings.parse({ url: this.database.url(), secretsKey: this.secretsKey, cluster: name }),
      ...{ stateFile: '/lab.json', baseDir: '/', environment: {}, logger: silentLogger, host: 'judge' },
    });
    const record = (await store.load())[nodeName(node)];
    for (const phase of ['image_customization', 'os_installation', 'post_installation'] as const)
      if (record?.[phase]?.status !== 'completed') wrong.push(`${place}: ${phase} is not on record as done`);
    const { emmc, ssh } = board.nodes[node - 1]!;
    if (!(await readFile(emmc!)).includes(markOf(name, node))) wrong.push(`${place}: its eMMC is not what was asked for`);
    const output = record?.os_installation?.output as { hostKeys: string[] } | undefined;
    try {
      await using session = await new ClientSshRuntime().connect(
        {
          ...{ host: ssh!.host, port: ssh!.port, username: 'admin', hostKeys: output?.hostKeys ?? [] },
          auth: { privateKey: new Secret(await readFile(folder.privateKeyFile, 'utf8')) },
        },
        { signal: forever },
      );
      const text = (await session.readFile('/etc/steps', { signal: forever, sudo: true })).toString();
      const steps = text.trim().split('\n').join();
      if (steps !== STEPS.join()) wrong.push(`${place}: the actions were done as ${steps}`);
    } catch (error) {
      wrong.push(`${place}: cannot be asked: ${(error as Error).message}`);
    }
    return wrong;
  }
}

function markOf(board: string, node: NodeId): string {
  return `mark-of-${board}-${node}-end`;
}

/** Resolves with the first thing that an agent says, which is that it is there. */
async function ready({ stdout, exitCode }: ChildProcess): Promise<void> {
  if (exitCode !== null || stdout === null) throw new Error('an agent has ended');
  const [line] = (await Promise.race([once(stdout, 'data'), once(stdout, 'close')])) as [Buffer?];
  if (!line?.toString().includes('ready')) throw new Error('an agent has not come up');
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'exit');
  child.kill('SIGKILL');
  await closed;
}
