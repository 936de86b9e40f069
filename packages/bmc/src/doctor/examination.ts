import type { BmcClient } from '../client/bmc-client.js';
import type { OtherNodes } from '../flash/other-nodes.js';

/** What every check works with. */
export interface Examination {
  readonly client: BmcClient;
  readonly signal: AbortSignal | undefined;
  readonly busyMs: number;
  readonly patienceMs: number;
  readonly onWait: (note: string) => void;
  readonly now: () => number;
  readonly others: OtherNodes | undefined;
}
