import type { NodeName } from '@turingpi/foundation';
import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { standingInstallation } from '../state/standing-installation.js';

/**
 * Replaces the record of a node's installation in one write: whoever is killed before or after it leaves a record that says
 * what is known. Who runs the installation may not write any more.
 *
 * @param next - the record, made of the one that is there; undefined leaves it
 */
export function replaceInstallation(
  state: StateStore,
  node: NodeName,
  next: (here: PhaseRecord | undefined) => PhaseRecord | undefined,
): Promise<void> {
  return state.amend(node, (known) => {
    const here = known?.os_installation;
    const record = next(here);
    if (record === undefined || here === undefined) return record && { os_installation: record };
    return { os_installation: { ...record, fence: (here.fence ?? 0) + 1 } };
  });
}

/**
 * The record of an installation of which nothing is known any more: nothing but a name erases the node.
 *
 * @param at - ISO 8601
 * @param why - what became of the record before it, for people
 */
export function unknownInstallation(at: string, why: string): PhaseRecord {
  return { status: 'pending', timestamp: at, voided: why };
}

/** Whether a record keeps its node from being taken for a new one, also where nothing else tells of it. */
export function tellsOfInstallation(record: PhaseRecord | undefined): boolean {
  return record?.erased === true || saysWhatIsThere(record);
}

/** Whether a record tells of a finished installation, or that it is not known which there is. */
export function saysWhatIsThere(record: PhaseRecord | undefined): boolean {
  return standingInstallation(record) !== undefined || record?.voided !== undefined;
}
