import type { ConfigKey } from '../config/config-key.js';
import type { StateStoreDriver } from '../state/state-stores.js';

/**
 * What plugins may contribute, by the key under which they list it: the type of one contribution.
 *
 * @remarks Core has points of its own, for keys of its configuration and for stores of the state. The package that defines
 * another one adds its key:
 * `declare module '@turingpi/core/plugin' { interface Contributions { boards: BoardDriver } }`, and the point itself
 * with {@link defineExtensionPoint}.
 */
export interface Contributions {
  configKeys: ConfigKey;
  stateStores: StateStoreDriver;
}
