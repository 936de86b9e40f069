import type { NodeView } from '../../src/model/run-view.js';
import { tallyOf } from '../node/action-tally.js';
import { formatDuration } from '../text/format.js';
import { PHASE_STATUS, PHASE_WORDS } from '../text/words.js';

/** A node's part of the timeline, for those who do not see it. */
export function describeRow({ hostname, phases, actions }: NodeView): string {
  const told = phases.map(({ phase, status, from, to }) => {
    const took = to === undefined || status === 'skipped' ? '' : ` after ${formatDuration(to - from)}`;
    return `${PHASE_WORDS[phase]} ${PHASE_STATUS[status]}${took}`;
  });
  if (told.length === 0) told.push('not begun');
  if (actions.length > 0) told.push(tallyOf(actions));
  return `${hostname}: ${told.join('; ')}`;
}
