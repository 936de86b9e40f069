import { type NodeId, nodeName } from '@turingpi/foundation';
import type { StateDocument } from '../state/state-document.js';

/**
 * The state at the moment in which a node's disk begins to be erased: what was installed and done to it is gone.
 *
 * @param at - ISO 8601
 * @param why - for an erasure that is no installation of a workflow, for example a flash by hand
 */
export function voidRecords(state: StateDocument, id: NodeId, at: string, why?: string): StateDocument {
  const name = nodeName(id);
  const node = state[name] ?? {};
  const {
    previous: _gone,
    image: _image,
    output: _output,
    seen_at: _seen,
    ...installation
  } = node.os_installation ?? { status: 'pending' as const, timestamp: at };
  return {
    ...state,
    [name]: {
      ...node,
      os_installation: {
        ...installation,
        erased: true,
        ...(why === undefined ? {} : { status: 'pending' as const, timestamp: at, voided: why }),
      },
      post_installation: { status: 'pending' as const, timestamp: at },
    },
  };
}
