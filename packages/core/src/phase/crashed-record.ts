import { describeHolder } from '../state/lease-errors.js';
import { holderOf } from '../state/lease-owner.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseName } from './phase.js';

/** What a crash leaves behind, and what becomes of it. */
const MEANS: Readonly<Record<PhaseName, string>> = {
  image_customization: 'what it had made of the image is not used; it is made anew',
  os_installation: 'the disk may be half written; it is written anew, from its start',
  post_installation: 'actions that are on record are not repeated; the one that was under way is',
};

/** A record that says `running` and whose process is gone, in words; undefined where it does not say whose it was. */
export function ofCrashed(phase: PhaseName, record: PhaseRecord | undefined): string | undefined {
  const owner = record?.owner;
  if (owner === undefined) return undefined;
  const untouched = phase === 'os_installation' && record?.erased !== true;
  if (phase === 'os_installation' && record?.tried !== undefined)
    return `${describeHolder(holderOf(owner))} ended in the middle of it: what it had begun to change on the node is looked at again`;
  const means = untouched ? 'it had not begun to write the disk' : MEANS[phase];
  return `${describeHolder(holderOf(owner))} ended in the middle of it: ${means}`;
}
