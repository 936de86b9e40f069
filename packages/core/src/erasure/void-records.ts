import type { NodeState } from '../state/state-document.js';

/**
 * The records of a node at the moment in which a node's disk begins to be erased: what was installed and done to it is gone.
 *
 * @param at - ISO 8601
 * @param why - for an erasure that is no installation of a workflow, for example a flash by hand
 */
export function voidRecords(node: NodeState | undefined, at: string, why?: string): NodeState {
  const {
    previous: _gone,
    image: _image,
    written: _written,
    output: _output,
    seen_at: _seen,
    tried: _tried,
    in_place: _inPlace,
    ...installation
  } = node?.os_installation ?? { status: 'pending' as const, timestamp: at };
  return {
    ...node,
    os_installation: {
      ...installation,
      erased: true,
      ...(why === undefined ? {} : { status: 'pending' as const, timestamp: at, voided: why }),
    },
    post_installation: { status: 'pending' as const, timestamp: at },
  };
}
