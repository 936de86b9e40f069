import type { ClusterConfig } from '../config/cluster-config.js';
import type { BoardIdentification } from '../board/board-identification.js';
import type { Extensions } from '../plugin/extension-point.js';
import type { Logger } from '@turingpi/foundation';
import { createToken } from './di.js';

/** The cluster's root logger. */
export const LOGGER = createToken<Logger>('core:Logger');

/** The validated configuration. */
export const CLUSTER_CONFIG = createToken<ClusterConfig>('core:ClusterConfig');

/** What the plugins have contributed. */
export const EXTENSIONS = createToken<Extensions>('core:Extensions');

/** Who can say which board it is; without one, boards stay unidentified. */
export const BOARD_IDENTIFICATION = createToken<BoardIdentification>('core:BoardIdentification');
