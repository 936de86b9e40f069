import type { NodeState, PhaseRecord } from '../state/state-document.js';

type WrittenInstallation = NonNullable<PhaseRecord['written']>;

/**
 * What is on a node's disk, whole and checked, of an installation that was stopped before the node was up; undefined where
 * there is none, or the disk was written to since.
 *
 * @remarks It is no proof of what is on the node: whoever goes on from it waits until the node proves itself by its key.
 */
export function writtenInstallation({ os_installation: record }: NodeState): WrittenInstallation | undefined {
  if (record?.erased !== true || record.voided !== undefined || record.status === 'completed')
    return undefined;
  return record.written;
}
