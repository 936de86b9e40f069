import { type Context, defineExtensionPoint, type ExtensionPoint } from '@turingpi/core/plugin';
import type { BoardDriver } from './board-driver.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** Types of compute modules. */
    boards: BoardDriver;
  }
}

/** Types of compute modules, as plugins contribute them: `definePlugin({ boards: [Rk1Driver] })`. */
export const BOARDS: ExtensionPoint<BoardDriver> = defineExtensionPoint<BoardDriver>({
  key: 'boards',
  title: 'board',
  nodeKey: 'board',
});

/** The board driver of a context's node. @throws PluginError `PLUGIN_NOT_FOUND`. */
export function boardOf({ extensions, node }: Pick<Context, 'extensions' | 'node'>): BoardDriver {
  return extensions.get(BOARDS, node.config.board);
}
