import type { SharedPapers } from '../state/shared-papers.js';
import type { StateStore } from '../state/state-store.js';

const mistake = () => Promise.reject(new TypeError('a plan claims nothing and records nothing'));

/**
 * The records as a plan may use them: everything is read, nothing is written. What a run would note is left out; what only
 * a run may do is a mistake.
 */
export function unwrittenState(state: StateStore): StateStore {
  const left = () => Promise.resolve();
  return {
    location: state.location,
    load: () => state.load(),
    holder: (node, phase, watch) => state.holder(node, phase, watch),
    journal: (node, phase) => state.journal(node, phase),
    subscribe: (listener) => state.subscribe(listener),
    ...(state.papers && { papers: unwrittenPapers(state.papers) }),
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

function unwrittenPapers(papers: SharedPapers): SharedPapers {
  return {
    reach: papers.reach,
    text: (name) => {
      const text = papers.text(name);
      return { location: text.location, read: () => text.read(), update: mistake };
    },
    log: (name) => {
      const log = papers.log(name);
      return { location: log.location, read: (from) => log.read(from), append: mistake };
    },
    logs: (prefix) => papers.logs(prefix),
    removeLog: mistake,
  };
}
