import type { RunEvent } from '@turingpi/core/plugin';

/** What happens to one node. */
export type NodeRunEvent = Extract<RunEvent, { nodeId: unknown }>;
