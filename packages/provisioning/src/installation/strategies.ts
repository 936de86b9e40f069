import {
  type Context,
  defineExtensionPoint,
  type ExtensionPoint,
  type Extensions,
} from '@turingpi/core/plugin';
import type { BoardDriver, InstallationStrategy } from '../board/board-driver.js';
import { boardOf } from '../board/boards.js';
import { ProvisioningError } from '../provisioning-error.js';

/** A way to install that comes from another package than the board. */
export interface ContributedStrategy extends InstallationStrategy {
  /** Whether it can be used for a type of compute module. */
  supports(board: BoardDriver): boolean;
}

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** Ways to install, for boards of other packages. */
    strategies: ContributedStrategy;
  }
}

/** Ways to install, for boards of other packages: `definePlugin({ strategies: [CopyStrategy] })`. */
export const STRATEGIES: ExtensionPoint<ContributedStrategy> = defineExtensionPoint<ContributedStrategy>({
  key: 'strategies',
  title: 'installation strategy',
  check({ summary, supports, install }: Record<'summary' | 'supports' | 'install', unknown>) {
    if (typeof summary !== 'string' || summary === '') return 'it has no `summary`';
    if (typeof supports !== 'function') return 'it has no function `supports`';
    return typeof install === 'function' ? undefined : 'it has no function `install`';
  },
});

/** Every way to install on a board: its own, of which the first is the default, then those of other plugins. */
export function strategiesFor(board: BoardDriver, extensions: Extensions): readonly InstallationStrategy[] {
  return [...board.strategies, ...extensions.all(STRATEGIES).filter((strategy) => strategy.supports(board))];
}

/**
 * The strategy that a node is installed with.
 *
 * @param name - id or alias; default: the board's first
 * @returns Undefined when there is none of this name.
 */
export function strategyNamed(
  context: Pick<Context, 'extensions' | 'node'>,
  name: string | undefined,
): InstallationStrategy | undefined {
  return strategyOf(strategiesFor(boardOf(context), context.extensions), name);
}

/** The same. @throws ProvisioningError `STRATEGY_UNKNOWN`. */
export function requireStrategy(
  context: Pick<Context, 'extensions' | 'node'>,
  name: string | undefined,
): InstallationStrategy {
  const strategy = strategyNamed(context, name);
  if (strategy !== undefined) return strategy;
  const board = boardOf(context);
  const known = strategiesFor(board, context.extensions).map(({ id }) => id);
  throw new ProvisioningError(
    'STRATEGY_UNKNOWN',
    `${board.title} has no installation strategy '${name ?? ''}'`,
    { hint: `It has: ${known.join(', ')}.` },
  );
}

/** The one of strategies that has a name; default: the first. */
export function strategyOf(
  strategies: readonly InstallationStrategy[],
  name: string | undefined,
): InstallationStrategy | undefined {
  return name === undefined ? strategies[0] : strategies.find((strategy) => namesOf(strategy).includes(name));
}

/** Whether a target is another disk than the one that the strategy writes anyway. */
export function isOtherTarget(
  { disk = 'emmc' }: Pick<InstallationStrategy, 'disk'>,
  target: string | undefined,
): target is string {
  return target !== undefined && target !== disk;
}

/**
 * The disks that a strategy erases, as approvals name them.
 *
 * @param target - where the system is to go; default: the strategy's disk
 * @returns Undefined when it has no such target on this board.
 */
export function disksOf(
  strategy: InstallationStrategy,
  board: Pick<BoardDriver, 'id'>,
  target: string | undefined,
): readonly string[] | undefined {
  return isOtherTarget(strategy, target) ? strategy.disksFor?.(target, board) : [strategy.disk ?? 'emmc'];
}

/** The same. @throws ProvisioningError `STRATEGY_TARGET_UNKNOWN`. */
export function disksFor(
  strategy: InstallationStrategy,
  board: Pick<BoardDriver, 'id' | 'title'>,
  target: string | undefined,
): readonly string[] {
  const disks = disksOf(strategy, board, target);
  if (disks !== undefined) return disks;
  throw new ProvisioningError(
    'STRATEGY_TARGET_UNKNOWN',
    `the strategy ${strategy.id} does not install to '${target ?? ''}' on ${board.title}`,
    { hint: 'Leave the target out for the eMMC, or see what the strategy offers.' },
  );
}

/** The names under which a strategy may be chosen. */
export function namesOf({ id, aliases = [] }: InstallationStrategy): readonly string[] {
  return [id, ...aliases];
}
