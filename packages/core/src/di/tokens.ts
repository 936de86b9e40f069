import type { ClusterConfig } from '../config/cluster-config.js';
import type { Logger } from '../logging/logger.js';
import { createToken } from './di.js';

/** The cluster's root logger. */
export const LOGGER = createToken<Logger>('core:Logger');

/** The validated configuration. */
export const CLUSTER_CONFIG = createToken<ClusterConfig>('core:ClusterConfig');
