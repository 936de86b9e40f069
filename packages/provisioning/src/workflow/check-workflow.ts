import {
  type ClusterConfig,
  type ConfigIssue,
  didYouMean,
  maybeOf,
  type ParseConfigOptions,
  resolveNode,
} from '@turingpi/core/plugin';

import type { NodeId } from '@turingpi/foundation';
import type { PostInstallAction } from '../action/post-install-action.js';
import { actionOfStep } from '../action/step.js';
import type { BoardDriver, InstallationStrategy } from '../board/board-driver.js';
import { disksOf, namesOf, strategyOf } from '../installation/strategies.js';
import { COMMANDS_IMPOSSIBLE_HINT, takesCommands } from '../os/commands-possible.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { checkNamedFiles } from './check-named-files.js';
import type { DeclarativeNodePart, DeclarativeWorkflow } from './declarative-schema.js';
import { baseImageOf, mergedPart, networkOf, originOf } from './declared-node.js';
import { examineUserSecrets } from './examine-user-secrets.js';
import {
  type DriverNames,
  lacksBaseImage,
  type MisnamedBaseImage,
  misnamedBaseImages,
} from './misnamed-base-images.js';
import { parseWorkflow } from './parse-workflow.js';

/** What a declared workflow is checked against. */
export interface CheckWorkflowOptions {
  readonly environment: ParseConfigOptions['environment'];
  /** Nodes that are about to run. Default: all that are configured. */
  readonly nodes?: readonly NodeId[];
  /** Whether the rest of the configuration is right: the network follows from it. */
  readonly restIsRight: boolean;
  /** Drivers by name; undefined for one that no plugin brings, which is told elsewhere. */
  readonly os: (id: string) => OperatingSystem | undefined;
  readonly board: (id: string) => BoardDriver | undefined;
  /** Every way to install on a board. */
  readonly strategies: (board: BoardDriver) => readonly InstallationStrategy[];
  /** The names of all drivers; undefined while it is not known which there are: then none is missing. */
  readonly names: DriverNames | undefined;
  /** What can be done after the installation; undefined when the plugins could not be loaded. */
  readonly actions: readonly PostInstallAction[] | undefined;
  /** Plugins of which something cannot be used: an unknown step or strategy may be theirs. */
  readonly unusable?: Parameters<typeof maybeOf>[0];
}

/**
 * Finds everything that is wrong in the `workflow` section of a configuration, as far as it can be known before an
 * image is opened: keys, files that are named, secrets, and what the operating systems' plugins check.
 */
export async function checkWorkflow(
  config: ClusterConfig,
  options: CheckWorkflowOptions,
): Promise<ConfigIssue[]> {
  const { workflow, issues } = parseWorkflow(config.workflow, options.actions, options.unusable);
  const misnamed = misnamedBaseImages(workflow, options.names);
  const all = [
    ...issues,
    ...boardsOfNone(config, workflow),
    ...misnamed.map(({ issue }) => maybeOf(options.unusable ?? [], issue)),
  ];
  const wanted = options.nodes ?? [...config.nodes.keys()];
  for (const id of wanted.filter((node) => config.nodes.has(node)))
    all.push(...(await checkNode(config, workflow, id, { ...options, misnamed })));
  return unique(all);
}

/** Names of nodes with a board, where there is one without a name; with several, core knows which there are. */
function boardsOfNone({ boardName }: ClusterConfig, { nodes }: DeclarativeWorkflow): ConfigIssue[] {
  if (boardName !== undefined) return [];
  return Object.keys(nodes).flatMap((key) => {
    const [, id] = key.split('/');
    const message = `names a board, and the configuration is of one without a name: write node${id ?? ''}`;
    return id === undefined ? [] : [{ path: ['workflow', 'nodes', key], message }];
  });
}

async function checkNode(
  config: ClusterConfig,
  workflow: DeclarativeWorkflow,
  id: NodeId,
  options: CheckWorkflowOptions & { readonly misnamed: readonly MisnamedBaseImage[] },
): Promise<ConfigIssue[]> {
  const node = config.nodes.get(id);
  const { os, board } = node ?? {};
  const declared = { id, board: config.boardName };
  const part = mergedPart(workflow, declared);
  const place = (keys: readonly PropertyKey[]) => ['workflow', ...originOf(workflow, declared, keys)];
  const base =
    os === undefined || board === undefined ? undefined : baseImageOf(workflow, declared, { os, board });
  const issues: ConfigIssue[] = [];
  if (os === undefined)
    issues.push({
      path: [`node${id}`, 'os'],
      message: 'is required by the workflow, for example ubuntu or debian',
    });
  else if (board !== undefined && base === undefined && lacksBaseImage(os, board, options))
    issues.push({
      path: ['workflow', 'baseImages'],
      message: `has no base image for ${os}/${board} (node${id})`,
    });
  issues.push(
    ...(await checkNamedFiles(part, base, { baseDir: config.baseDir, actions: options.actions ?? [] })).map(
      (issue) => ({
        ...issue,
        path: place(issue.path),
      }),
    ),
  );
  const { strategy, target } = part.install ?? {};
  const driverOfBoard = board === undefined ? undefined : options.board(board);
  const strategies = strategyNames(options, driverOfBoard);
  if (strategy !== undefined && strategies !== undefined && !strategies.includes(strategy))
    issues.push(
      maybeOf(options.unusable ?? [], {
        path: place(['install', 'strategy']),
        message: `is "${strategy}", which the board ${board ?? ''} does not have (it has: ${strategies.join(', ')})${didYouMean(strategy, strategies)}`,
        code: 'STRATEGY_UNKNOWN',
      }),
    );
  const chosen = driverOfBoard && strategyOf(options.strategies(driverOfBoard), strategy);
  if (
    chosen !== undefined &&
    driverOfBoard !== undefined &&
    disksOf(chosen, driverOfBoard, target) === undefined
  )
    issues.push({
      path: place(['install', 'target']),
      message: `is "${target ?? ''}", to which the strategy ${chosen.id} does not install on ${driverOfBoard.title}`,
      code: 'STRATEGY_TARGET_UNKNOWN',
    });
  const user = await examineUserSecrets(part, { baseDir: config.baseDir, environment: options.environment });
  issues.push(...user.issues.map((issue) => ({ ...issue, path: place(issue.path) })));
  const driver = os === undefined ? undefined : options.os(os);
  if (driver !== undefined && !takesCommands(driver))
    issues.push(
      ...(part.postInstall ?? []).flatMap((step, index) =>
        actionOfStep(step, options.actions ?? [])?.place === 'local'
          ? []
          : {
              path: place(['postInstall', index]),
              message: `is for a node that takes commands, which ${driver.title} (node${id}) does not`,
              code: 'COMMANDS_IMPOSSIBLE',
              hint: COMMANDS_IMPOSSIBLE_HINT,
            },
      ),
    );
  const problems = await driver?.check?.({
    network: options.restIsRight ? networkOf(resolveNode(config, id), part) : undefined,
    credentials: user.credentials,
    ssh: config.ssh,
  });
  for (const { setting, message, code, hint } of problems ?? []) {
    const keys = writtenAs(setting, part, user.keyPlaces);
    const path = pathOf(keys, id, config, place);
    issues.push({ path, message: `is not valid: ${message}`, code, hint });
  }
  return issues;
}

function strategyNames(
  { strategies }: CheckWorkflowOptions,
  board: BoardDriver | undefined,
): readonly string[] | undefined {
  return board && strategies(board).flatMap(namesOf);
}

/** A setting of the first user as the section has it: a hash is a key of its own, and one entry may be several keys. */
function writtenAs(
  setting: readonly (string | number)[],
  { user }: DeclarativeNodePart,
  keyPlaces: readonly number[],
): readonly (string | number)[] {
  const [section, key, index, ...rest] = setting;
  if (section !== 'credentials') return setting;
  if (key === 'password' && user?.passwordHash !== undefined) return PASSWORD_HASH;
  if (key !== 'sshKeys' || typeof index !== 'number') return setting;
  return [section, key, keyPlaces[index] ?? index, ...rest];
}

/** Where the configuration says a setting of an operating system. */
function pathOf(
  setting: readonly (string | number)[],
  id: NodeId,
  config: ClusterConfig,
  place: (keys: readonly PropertyKey[]) => readonly PropertyKey[],
): readonly PropertyKey[] {
  const [section, key = '', ...rest] = setting;
  if (section === 'ssh') return setting;
  if (section === 'credentials')
    return place(
      USER_KEYS.has(String(key)) ? ['user', key === 'username' ? 'name' : key, ...rest] : [key, ...rest],
    );
  const node = config.nodes.get(id);
  switch (key) {
    case 'ipCidr':
      return [`node${id}`, 'ip'];
    case 'hostname':
      return node?.hostname === undefined ? ['network', 'hostnamePattern'] : [`node${id}`, 'hostname'];
    case 'macAddress':
      return [`node${id}`, 'macAddress'];
    case 'gateway':
    case 'dnsServers':
      return ['network', key, ...rest];
    default:
      return place(['network', key, ...rest]);
  }
}

const PASSWORD_HASH = ['credentials', 'passwordHash'] as const;
const USER_KEYS: ReadonlySet<string> = new Set([
  'username',
  'password',
  'passwordHash',
  'sshKeys',
  'passwordAuthentication',
]);

/** What is the same for several nodes is told once. */
function unique(issues: readonly ConfigIssue[]): ConfigIssue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify([issue.path, issue.message]), issue])).values()];
}
