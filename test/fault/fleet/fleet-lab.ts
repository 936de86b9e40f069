import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CleanupStack } from '@turingpi/foundation';
import { generateX25519Identity } from 'age-encryption';
import { parse } from 'yaml';
import { TemporalServer } from '../../../bench/fleet/temporal-server.js';
import { freePort } from '../../../bench/free-port.js';
import { PostgresServer } from '../../../bench/store/postgres-server.js';
import { FleetFolder, type FleetProcess } from '../../fleet/fleet-folder.js';
import { makeAuthority } from '../../plugins/certificate-authority.js';
import { Relay } from '../../support/site/relay.js';
import type { FleetForm } from './fleet-form.js';
import { SpanCollector } from './span-collector.js';
import { type AgentComputer, LabAgents } from './lab-agents.js';
import { LabBoard } from './lab-board.js';
import { SlotCount } from './slot-count.js';
import { wrongClock } from './wrong-clock.js';

const SITES = ['north', 'south'] as const;
type SiteName = (typeof SITES)[number];
/** In the order in which a rollout takes them: two at a time are one of each site. */
const BOARDS = ['north-1', 'south-1', 'north-2', 'south-2'] as const;
/** Computers whose clock is off. */
const CLOCKS: Readonly<Record<string, '+1h' | '-1h'>> = { 'north-b': '+1h', 'south-b': '-1h' };
const BRIEF_LEASES = path.join(import.meta.dirname, 'brief-leases');
/** What goes between a site and the controller's computer. */
interface Way {
  readonly temporal: Relay;
  readonly state: Relay;
}

/**
 * Two sites with two boards and two agents each, on computers of their own; elsewhere Temporal, a controller, and PostgreSQL:
 * one site reaches it through a state server, the other one by itself. All of it is processes of the built command.
 */
export class FleetLab implements AsyncDisposable {
  readonly boards: LabBoard[] = [];
  readonly agents = new LabAgents();
  /** Of all boards. */
  readonly slots = new SlotCount(this.boards);
  readonly #logs: FleetProcess[] = [];
  readonly #ways = new Map<SiteName, Way>();
  readonly #secrets: string[] = [];
  #server: FleetProcess | undefined;
  #controller: FleetProcess | undefined;

  private constructor(
    readonly form: FleetForm,
    readonly database: PostgresServer,
    readonly temporal: TemporalServer,
    readonly secretsKey: string,
    /** Where operators, the controller and the state server are. */
    readonly centre: FleetFolder,
    private readonly collector: SpanCollector,
    private readonly directory: string,
    private readonly opened: CleanupStack,
  ) {}

  static async start(form: FleetForm): Promise<FleetLab> {
    const opened = new CleanupStack();
    try {
      return await FleetLab.#start(form, opened);
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #start(form: FleetForm, opened: CleanupStack): Promise<FleetLab> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-lab-'));
    opened.defer('folder', () => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const [database, temporal, secretsKey] = await Promise.all([
      PostgresServer.start({ durable: true }), // it is killed: what it has said is done must be
      TemporalServer.start(),
      generateX25519Identity(),
    ]);
    opened.use('database', database);
    opened.use('temporal', temporal);
    const collector = opened.use('collector', await SpanCollector.start());
    const key = randomBytes(32).toString('base64');
    const environment = {
      ...{ TPI_FLEET_KEY: key, TPI_SECRETS_KEY: secretsKey },
      LEASES_OVER_MS: String(form.leaseMs),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    };
    const plugins = [
      'fleet-temporal',
      'state-http',
      'state-postgres',
      'artifacts',
      'telemetry',
      BRIEF_LEASES,
    ];
    const centre = await FleetFolder.make(plugins, {
      environment: { ...environment, STATE_URL: database.url() },
      isQuiet: true,
    });
    opened.use('centre', centre);
    const lab = new FleetLab(form, database, temporal, secretsKey, centre, collector, directory, opened);
    lab.#secrets.push(key, secretsKey);
    await lab.#begin(plugins, environment);
    return lab;
  }

  async #begin(plugins: readonly string[], environment: Readonly<Record<string, string>>): Promise<void> {
    const { opened, directory, form, temporal, database } = this;
    const statePort = await freePort();
    const issue = await makeAuthority(directory);
    const [server, client] = [await issue('server'), await issue('client')];
    const serverFile = path.join(this.centre.directory, 'server.yaml');
    const state = { postgres: { url: { env: 'STATE_URL' } } };
    await writeFile(serverFile, JSON.stringify({ listen: `127.0.0.1:${statePort}`, ...server, state }));
    for (const name of BOARDS) {
      const site = name.startsWith('north') ? 'north' : 'south';
      const images = path.join(directory, `images-of-${site}`);
      await mkdir(images, { recursive: true });
      const board = opened.use(name, await LabBoard.start(name, site, form, images));
      this.boards.push(board);
      this.#secrets.push(...board.secrets);
    }
    opened.defer('slots', () => this.slots[Symbol.dispose]());
    const [, port] = temporal.address.split(':');
    for (const site of SITES) {
      const toTemporal = await Relay.start(0, { host: '127.0.0.1', port: Number(port) });
      const socket = path.join(directory, site);
      await mkdir(socket);
      const toState =
        site === 'north'
          ? await Relay.start(0, { host: '127.0.0.1', port: statePort })
          : await Relay.start(path.join(socket, '.s.PGSQL.5432'), { path: database.socket });
      opened.use(`way of ${site}`, toTemporal);
      opened.use(`way of ${site}`, toState);
      this.#ways.set(site, { temporal: toTemporal, state: toState });
    }
    const stateOf = (site: SiteName) =>
      site === 'north'
        ? { 'brief-http': { url: `https://127.0.0.1:${this.#ways.get(site)!.state.port}`, ...client } }
        : { 'brief-postgres': { url: { env: 'STATE_URL' } } };
    const fleet = (address: string) => ({
      fleet: 'lab',
      engine: { temporal: { address, lostAfterMs: form.lostAfterMs } },
      sites: Object.fromEntries(
        SITES.map((site) => [
          site,
          { state: stateOf(site), limits: { customise: 2, install: 2, postInstall: 4 } },
        ]),
      ),
      boards: Object.fromEntries(this.boards.map(({ name, site }) => [name, { site }])),
      rollout: { atOnce: 2, retry: { attempts: 10, firstDelayMs: 500, maxDelayMs: 4000 } },
    });
    await this.centre.write(fleet(temporal.address));
    const written = await readFile(path.join(this.centre.directory, 'fleet.yaml'), 'utf8');
    const { operators } = parse(written) as { readonly operators: unknown };
    await Promise.all([this.startStateServer(), this.startController()]);
    const computers: AgentComputer[] = [];
    for (const site of SITES)
      for (const letter of ['a', 'b']) {
        const name = `${site}-${letter}`;
        const home = path.join(directory, `home-of-${name}`);
        const url = `postgresql://postgres@localhost/postgres?host=${path.join(directory, site)}`;
        const clock = CLOCKS[name];
        const own = {
          ...{ ...environment, STATE_URL: url, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home },
          ...(clock === undefined ? {} : await wrongClock(clock)),
        };
        const folder = opened.use(
          name,
          await FleetFolder.make(plugins, { host: name, environment: own, isQuiet: true }),
        );
        const way = this.#ways.get(site)!;
        await folder.write({ ...fleet(`127.0.0.1:${way.temporal.port}`), operators });
        await mkdir(path.join(folder.directory, 'boards'));
        for (const board of this.boards.filter((each) => each.site === site))
          await writeFile(path.join(folder.directory, 'boards', `${board.name}.yaml`), board.configuration);
        computers.push({ name, site, folder, agent: undefined });
      }
    await Promise.all(computers.map((computer) => this.agents.start(computer)));
  }

  /** Resolves when it serves. */
  async startStateServer(): Promise<void> {
    this.#server = this.centre.beginCommand(['state-server', 'server.yaml']);
    this.#logs.push(this.#server);
    await this.#server.line(({ port }) => port !== undefined);
  }

  async startController(): Promise<void> {
    this.#controller = this.centre.begin(['controller']);
    this.#logs.push(this.#controller);
    await this.#controller.line(({ type }) => type === 'controller:ready');
  }

  /** Kills Temporal, PostgreSQL, and what runs beside them. */
  async killCentre(): Promise<void> {
    const processes = [this.#server, this.#controller].map((each) => each?.end('SIGKILL'));
    await Promise.all([...processes, this.temporal.kill(), this.database.kill()]);
  }

  board(name: string): LabBoard {
    const found = this.boards.find((board) => board.name === name);
    if (found === undefined) throw new Error(`there is no board ${name}`);
    return found;
  }

  /** Resolves with the node on whose disk bytes arrive: with the one that is named, where one is. */
  async untilWriting(name: string, node?: number): Promise<number> {
    const { watch } = this.board(name);
    for (;;) {
      const { writing } = watch;
      if (writing !== undefined && (node ?? writing) === writing) return writing;
      await sleep(5);
    }
  }

  /** Cuts a site from where Temporal and the records are. */
  async cutOff(site: string, forMs: number): Promise<void> {
    const way = this.#ways.get(site as SiteName)!;
    way.temporal.cut();
    way.state.cut();
    await sleep(forMs);
    way.temporal.join();
    way.state.join();
  }

  /** What was said by programs, for who looks for secrets. */
  get log(): string {
    return [...this.#logs, ...this.agents.processes]
      .map(({ log, lines }) => `${log}\n${JSON.stringify(lines)}`)
      .join('\n');
  }

  /** What was sent of traces. */
  get spans(): Buffer {
    return this.collector.told;
  }

  get secrets(): readonly string[] {
    return this.#secrets;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened[Symbol.asyncDispose]();
  }
}
