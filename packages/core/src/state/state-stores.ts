import type { Logger } from '@turingpi/foundation';
import { defineExtensionPoint, type Extension } from '../plugin/extension-point.js';
import type { StandardSchema } from '../config/standard-schema.js';
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
  /** What the configuration says of the store, as its schema made it; undefined where the driver has none. */
  readonly settings: unknown;
  /** Where relative paths in the settings start. */
  readonly baseDir: string;
  /** Environment for secrets in the settings that are given as `{ env: NAME }`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A way to keep the state, which the configuration chooses with `stateStore`, or with `state` where it has settings. */
export interface StateStoreDriver extends Extension {
  /** One sentence about where the state is then. */
  readonly summary: string;
  /** The schema of what is written below `state: { ID: … }`; left out by a store that has no settings. */
  readonly settings?: StandardSchema;
  /** Opens the state of a cluster; who asked disposes it. */
  open(request: StateStoreRequest): StateStore | Promise<StateStore>;
}

/** The extension point for stores of the state. */
export const STATE_STORES = defineExtensionPoint<StateStoreDriver>({
  key: 'stateStores',
  title: 'state store',
});
