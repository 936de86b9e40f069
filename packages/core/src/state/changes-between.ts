import { NODE_IDS, nodeName } from '@turingpi/foundation';
import { PHASES } from '../phase/phase.js';
import type { ClusterState, PhaseRecord } from './state-document.js';
import type { RecordedChange } from './state-store.js';

/** The records that are others than before, in the order of nodes and phases. A sign of life is no change. */
export function changesBetween(before: ClusterState, after: ClusterState): readonly RecordedChange[] {
  return NODE_IDS.map(nodeName).flatMap((node) =>
    PHASES.flatMap((phase) => {
      const record = after[node]?.[phase];
      if (record === undefined || textOf(record) === textOf(before[node]?.[phase])) return [];
      return [{ node, phase, record }];
    }),
  );
}

function textOf(record: PhaseRecord | undefined): string {
  const { owner, ...rest } = record ?? {};
  return JSON.stringify([rest, owner?.instance, owner?.pid]);
}
