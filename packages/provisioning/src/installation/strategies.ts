import {
  type Context,
  defineExtensionPoint,
  type ExtensionPoint,
  type Extensions,
} from '@turingpi/core/plugin';
import type { BoardDriver, InstallationStrategy } from '../board/board-driver.js';
import { boardOf } from '../board/boards.js';

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
  const strategies = strategiesFor(boardOf(context), context.extensions);
  return name === undefined ? strategies[0] : strategies.find((strategy) => namesOf(strategy).includes(name));
}

/** The names under which a strategy may be chosen. */
export function namesOf({ id, aliases = [] }: InstallationStrategy): readonly string[] {
  return [id, ...aliases];
}
