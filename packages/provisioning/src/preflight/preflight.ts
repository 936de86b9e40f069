import type { BmcClient } from '@turingpi/bmc';
import {
  configInvalid,
  type Context,
  type ParseConfigOptions,
  resolveNode,
  resolvePath,
} from '@turingpi/core/plugin';
import type { NodeId, TuringPiError } from '@turingpi/foundation';
import { actionsOf } from '../action/actions.js';
import { boardOf } from '../board/boards.js';
import { disksFor, requireStrategy } from '../installation/strategies.js';
import { ProvisioningError } from '../provisioning-error.js';
import { checkBaseImages } from '../workflow/check-base-images.js';
import { checkLogins } from '../workflow/check-logins.js';
import { workflowOptions } from '../workflow/create-declared-turing-pi.js';
import { baseImageOf, mergedPart } from '../workflow/declared-node.js';
import type { DeclaredCluster } from '../workflow/declarative-workflow.js';
import { parseWorkflow } from '../workflow/parse-workflow.js';
import { checkAddresses } from './check-addresses.js';
import { checkModules } from './check-modules.js';
import type { PreflightFinding } from './preflight-finding.js';

/** What a preflight looks at. */
export interface PreflightOptions extends Pick<
  ParseConfigOptions,
  'environment' | 'source' | 'placeOf' | 'pathInWhole'
> {
  /** Nodes for which an image is to be made. */
  readonly building: readonly NodeId[];
  /** Nodes whose storage is to be written. */
  readonly installing: readonly NodeId[];
  /** How they are installed for now, whatever the configuration says. */
  readonly strategyForNow?: string | undefined;
  /** The board's controller, when it was reached and let us in; without it what it knows is not looked at. */
  readonly client: BmcClient | undefined;
  readonly signal: AbortSignal;
}

/**
 * Looks for everything that can be known of a declared run before any work: base images that cannot be opened, nodes that
 * nobody could log in to, programs that are missing here, addresses that others have, modules that are noted otherwise.
 *
 * @remarks What is wrong in the configuration itself was told when it was opened. Nothing is changed; errors come first.
 */
export async function preflight(
  cluster: DeclaredCluster,
  options: PreflightOptions,
): Promise<readonly PreflightFinding[]> {
  const { client, installing, signal } = options;
  const { config } = cluster;
  const found = await Promise.all([
    checkDeclared(cluster, options),
    checkStrategies(cluster, options),
    client === undefined ? [] : checkAddresses(config, { client, nodes: installing, signal }),
    client === undefined ? [] : checkModules(cluster, { client, nodes: installing, signal }),
  ]);
  return found.flat().toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}

const RANK = { error: 0, warning: 1 } as const;

/** What `turingpi validate` tells too. */
async function checkDeclared(
  { config, registry }: DeclaredCluster,
  { building, installing, signal, ...place }: PreflightOptions,
): Promise<readonly PreflightFinding[]> {
  if (config.workflow === undefined) return [];
  const { actions, os } = workflowOptions(registry, place, undefined);
  const issues = [
    ...(await checkBaseImages(config, { actions, signal, nodes: building })),
    ...(await checkLogins(config, { actions, os, environment: place.environment, nodes: installing })),
  ];
  return issues.map((issue) => ({
    severity: 'error',
    about: issue.path.join('.'),
    error: configInvalid([issue], place),
  }));
}

/** What this computer, or a base image on it, lacks for the way in which a node is installed. */
async function checkStrategies(
  { config, registry: { extensions } }: DeclaredCluster,
  { installing, strategyForNow, signal }: PreflightOptions,
): Promise<readonly PreflightFinding[]> {
  const { workflow } = parseWorkflow(config.workflow, actionsOf(extensions));
  const found: PreflightFinding[] = [];
  for (const id of installing) {
    const context = { extensions, node: resolveNode(config, id) };
    const declared = { id, board: config.boardName };
    const { strategy: name, target } = mergedPart(workflow, declared).install ?? {};
    const { os, board } = context.node.config;
    const base = os === undefined ? undefined : baseImageOf(workflow, declared, { os, board })?.source;
    const baseImage = typeof base === 'string' ? resolvePath(config.baseDir, base) : undefined;
    const error = await missingFor(context, { name: strategyForNow ?? name, target, baseImage, signal });
    if (error !== undefined) found.push({ severity: 'error', about: `node${id}`, error });
  }
  return found;
}

/** Why a node cannot be installed by a strategy; undefined when nothing is in the way. */
async function missingFor(
  context: Pick<Context, 'extensions' | 'node'>,
  {
    name,
    target,
    baseImage,
    signal,
  }: {
    readonly name: string | undefined;
    readonly target: string | undefined;
    readonly baseImage: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<TuringPiError | undefined> {
  const board = boardOf(context);
  try {
    const strategy = requireStrategy(context, name);
    disksFor(strategy, board, target);
    return await strategy.missing?.(signal, { board, baseImage });
  } catch (error) {
    if (error instanceof ProvisioningError) return error;
    throw error;
  }
}
