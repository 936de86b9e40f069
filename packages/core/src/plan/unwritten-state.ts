import type { StateStore } from '../state/state-store.js';

/**
 * The records as a plan may use them: everything is read, nothing is written. What a run would note is left out; what only
 * a run may do is a mistake.
 */
export function unwrittenState(state: StateStore): StateStore {
  const mistake = () => Promise.reject(new TypeError('a plan claims nothing and records nothing'));
  const left = () => Promise.resolve();
  return {
    location: state.location,
    load: () => state.load(),
    holder: (node, phase, watch) => state.holder(node, phase, watch),
    journal: (node, phase) => state.journal(node, phase),
    subscribe: (listener) => state.subscribe(listener),
    acquire: mistake,
    claim: mistake,
    append: mistake,
    finish: mistake,
    amend: left,
    bind: left,
    forget: mistake,
    [Symbol.asyncDispose]: left, // it is somebody else's
  };
}
