import path from 'node:path';
import type { ClusterConfig } from '../config/cluster-config.js';
import type { TuringPiConfig } from '../config/config-input.js';
import type { ConfigIssue } from '../config/describe-issues.js';
import { didYouMean } from '../config/near-name.js';
import { configInvalid, type ConfigOrigin } from '../config/config-invalid.js';
import { CleanupStack, type Logger, silentLogger } from '@turingpi/foundation';

import { redactingLogger } from '../logging/redacting-logger.js';
import { Redactor } from '../logging/redactor.js';
import type { EraseApproval } from '../erasure/erase-approval.js';
import type { ExtensionPoint } from '../plugin/extension-point.js';
import type { BrokenContribution } from '../plugin/extension-registry.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import type { LeaseTimings } from '../state/lease.js';
import { capacityOf } from '../schedule/capacities.js';
import { Scheduler } from '../schedule/scheduler.js';
import { examineStateStore } from '../state/examine-state-store.js';
import { STATE_STORES } from '../state/state-stores.js';
import type { BoardOfSet } from './board-of-set.js';
import { prepareCacheDirectory } from './cache-directory.js';
import { examineCluster, hintOf } from './examine-cluster.js';
import { TuringPi } from './turing-pi.js';
import { registryOf } from './wire-plugins.js';

export interface CreateTuringPiOptions {
  /** Where relative paths start and whose package.json is searched for plugins. Default: the working directory. */
  readonly baseDir?: string;
  /** Where the configuration came from and where its keys are, for messages. See {@link loadConfig}. */
  readonly source?: string;
  readonly placeOf?: NonNullable<ConfigOrigin['placeOf']>;
  /** Also use the plugins that this package depends on: how a program brings its own. */
  readonly programDir?: string;
  /** Where relative paths in the settings of the store start, where they come from another file. Default: `baseDir`. */
  readonly stateBaseDir?: string;
  /** Kinds of contributions that the program around it takes from plugins, as the command takes commands. */
  readonly extensionPoints?: readonly ExtensionPoint[];
  /** A logger, or a function that makes one once the cache directory exists. Default: nothing is logged. */
  readonly logger?: Logger | ((config: ClusterConfig) => Logger);
  /** Environment for secrets given as `{ env: NAME }`, here or to a builder. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Who may erase what: what installs an operating system erases a disk, and needs an approval. Default `none`.
   * See {@link EraseApproval}.
   */
  readonly approve?: EraseApproval;
  /**
   * Only records are looked at: secrets that are not at hand are missed when something asks for them, rather than now.
   * What else is wrong in the configuration is told as ever.
   */
  readonly withoutSecrets?: boolean;
  /** What the board has from the set that it belongs to: `createBoardSet` gives it. */
  readonly board?: BoardOfSet;
  /** Clock, for tests. */
  readonly now?: () => Date;
  /** Limits of leases, as of claims on phases, for tests. */
  readonly leases?: LeaseTimings;
}

/**
 * Validates a configuration with the plugins that it names, makes its cache directory, wires the plugins.
 *
 * @throws ConfigError `CONFIG_INVALID` (also for a `board`, `os` or `stateStore` that no plugin brings), `CONFIG_SECRET_MISSING`,
 * `CACHE_DIR_NOT_OURS`;
 * PluginError for a plugin that is named in `plugins` and missing or broken.
 */
export async function createTuringPi(
  config: TuringPiConfig,
  options: CreateTuringPiOptions = {},
): Promise<TuringPi> {
  const { board } = options;
  const baseDir = path.resolve(options.baseDir ?? process.cwd());
  const environment = options.environment ?? process.env;
  const place = {
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(options.placeOf === undefined ? {} : { placeOf: options.placeOf }),
    ...(board?.name === undefined ? {} : { boardName: board.name, pathInWhole: board.pathInWhole }),
  };
  const examined = await examineCluster(config, {
    baseDir,
    environment,
    programDir: options.programDir,
    ...place,
  });
  const wrong = examined.issues.filter(
    ({ code }) => options.withoutSecrets !== true || code !== 'CONFIG_SECRET_MISSING',
  );
  if (wrong.length > 0) throw configInvalid(wrong, place);
  const { config: parsed, discovery } = examined;
  await prepareCacheDirectory(parsed.cacheDir);
  const { redactor, scheduler } = board ?? {
    redactor: new Redactor(),
    scheduler: new Scheduler(capacityOf),
  };
  for (const secret of [
    parsed.bmc.password,
    parsed.ssh.password,
    parsed.ssh.passphrase,
    parsed.ssh.privateKey,
    ...[...parsed.nodes.values()].flatMap(({ ssh }) => [
      ...[ssh?.jump?.password, ssh?.jump?.privateKey, ssh?.jump?.passphrase],
    ]),
  ])
    redactor.add(secret);
  const logger = redactingLogger(
    typeof options.logger === 'function' ? options.logger(parsed) : (options.logger ?? silentLogger),
    redactor,
  );
  const registry = registryOf(parsed, discovery, logger, options.extensionPoints);
  for (const { name, error } of discovery.failures)
    logger.warn({ plugin: name, code: error.code }, 'plugin not usable');
  const issues = await examineDrivers(parsed, registry);
  if (issues.length > 0)
    throw configInvalid(issues, place, hintOf([...examined.unusable, ...missedOf(registry)]));

  const now = options.now ?? (() => new Date());
  const stateFile = path.join(parsed.cacheDir, parsed.stateFileName);
  await using opening = new CleanupStack();
  opening.use('end of the plugins', await registry.start());
  const driver = registry.extensions.get(STATE_STORES, parsed.stateStore);
  const { settings } = await examineStateStore(parsed, driver);
  const state = await driver.open({
    ...{ stateFile, logger, now, settings, environment, baseDir: options.stateBaseDir ?? baseDir },
    timings: options.leases,
  });
  opening.use('the store of the state', state);
  const cluster = {
    approve: options.approve ?? 'none',
    project: options.source === undefined ? baseDir : path.resolve(options.source),
    config: parsed,
    ...{ environment, registry, discovery, logger, redactor, scheduler, now, state, stateFile },
  };
  return new TuringPi({ ...cluster, opened: opening.move() });
}

/**
 * What a configuration names and no plugin brings: boards and operating systems of nodes, the store of the state; and what
 * is wrong in the settings of that store.
 */
export async function examineDrivers(
  config: ClusterConfig,
  { extensions }: PluginRegistry,
): Promise<ConfigIssue[]> {
  const { stateStore, stateSettings } = config;
  const known = extensions.idsOf(STATE_STORES);
  const at = stateSettings === undefined ? ['stateStore'] : ['state', stateStore];
  const unknown = unknownId(stateStore, known, at, STATE_STORES.title, STORE_EXAMPLE);
  const stores =
    unknown.length > 0
      ? unknown
      : (await examineStateStore(config, extensions.get(STATE_STORES, stateStore))).issues;
  return [...stores, ...unknownOfNodes(config, extensions)];
}

/** While nothing takes boards or systems, they are what is missed. */
function missedOf({ broken, extensions }: PluginRegistry): readonly BrokenContribution[] {
  const takesDrivers = extensions.points.some(({ nodeKey }) => nodeKey !== undefined);
  return takesDrivers ? broken : broken.map(({ plugin, error }) => ({ plugin, error }));
}

function unknownOfNodes(config: ClusterConfig, extensions: PluginRegistry['extensions']): ConfigIssue[] {
  return [...config.nodes].flatMap(([id, node]) =>
    NODE_KEYS.flatMap(([key, title, example]) => {
      const point = extensions.points.find(({ nodeKey }) => nodeKey === key);
      return unknownId(
        node[key],
        point ? extensions.idsOf(point) : [],
        [`node${id}`, key],
        point?.title ?? title,
        example,
      );
    }),
  );
}

/** The keys of a node that name a contribution, with what it is called while nobody has defined it. */
const NODE_KEYS = [
  ['board', 'board', ', for example @turingpi/board-rk1,'],
  ['os', 'operating system', ', for example @turingpi/os-ubuntu,'],
] as const;

const STORE_EXAMPLE = ', for example @turingpi/state-postgres,';

function unknownId(
  id: string | undefined,
  known: readonly string[],
  at: readonly string[],
  title: string,
  example: string,
): readonly ConfigIssue[] {
  if (id === undefined || known.includes(id)) return [];
  const names = known.join(', ') || 'none';
  return [
    {
      path: at,
      message: `names the ${title} "${id}", which no plugin brings (known: ${names})${didYouMean(id, known)}`,
      hint:
        'Plugins are found among the dependencies of the package.json in the folder of the configuration (for a program: ' +
        `the working directory): install the package that brings it there${example} or name it in \`plugins\`.`,
    },
  ];
}
