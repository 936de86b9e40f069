import type { RunView } from '../../src/model/run-view.js';
import { NODE_STATUS, RUN_STATUS } from '../text/words.js';

/** The nodes that have ended, and the run, in words. */
export function statesOfRun(view: RunView): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const { board, nodeId, hostname, status } of view.nodes)
    if (status !== 'waiting' && status !== 'running')
      states.set(`${board}/${nodeId}`, `${hostname} ${NODE_STATUS[status]}`);
  if (view.facts) states.set('run', `The run: ${RUN_STATUS[view.status]}`);
  return states;
}
