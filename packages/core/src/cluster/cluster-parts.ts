import type { Logger } from '@turingpi/foundation';
import type { ClusterConfig } from '../config/cluster-config.js';
import type { EraseApproval } from '../erasure/erase-approval.js';
import type { Redactor } from '../logging/redactor.js';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import type { Scheduler } from '../schedule/scheduler.js';
import type { StateStore } from '../state/state-store.js';
import type { Context } from './context.js';

/** What a cluster is made of. */
export interface ClusterParts {
  readonly config: ClusterConfig;
  readonly registry: PluginRegistry;
  readonly discovery: PluginDiscovery;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly now: () => Date;
  /** For secrets that builders are given as `{ env: NAME }`. */
  readonly environment: Context['environment'];
  /** Who may erase what. */
  readonly approve: EraseApproval;
  /** Tells this project from others of the same user. */
  readonly project: string;
  /** Gives out what nodes must have alone: shared by the boards of one configuration. */
  readonly scheduler: Scheduler;
  /** Where the records are. */
  readonly state: StateStore;
  /** Where the state file of the configuration is, or would be: secrets and the ledger of erasures are beside it. */
  readonly stateFile: string;
}
