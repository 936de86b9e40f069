import type { Logger } from '@turingpi/foundation';
import { defineExtensionPoint, type Extension } from '../plugin/extension-point.js';
import type { LeaseTimings } from './lease.js';
import type { StateStore } from './state-store.js';

/** What a store is opened for. */
export interface StateStoreRequest {
  /** Where the state file of the configuration is, or would be: other files of the cluster are beside it. */
  readonly stateFile: string;
  readonly logger: Logger;
  /** Clock. */
  readonly now: () => Date;
  /** Limits of leases; default: the store's own. */
  readonly timings?: LeaseTimings | undefined;
}

/** A way to keep the state, which the configuration chooses with `stateStore`. */
export interface StateStoreDriver extends Extension {
  /** One sentence about where the state is then. */
  readonly summary: string;
  /** Opens the state of a cluster; who asked disposes it. */
  open(request: StateStoreRequest): StateStore | Promise<StateStore>;
}

/** The extension point for stores of the state. */
export const STATE_STORES = defineExtensionPoint<StateStoreDriver>({
  key: 'stateStores',
  title: 'state store',
});
