import { eraseHint, type Erasure, ErasureError, nodeArgument } from '@turingpi/foundation';
import type { Node } from '../node/node.js';

/**
 * The error of an erasure that was refused.
 *
 * @param asked - what was asked for, where anything was; `wanted`: the user asked for just this
 */
export function erasureRefused(
  { hostname, config, id, board: boardName }: Node,
  asked: { readonly erasure: Erasure; readonly wanted: boolean } | undefined,
): ErasureError {
  if (config.protect === true)
    return new ErasureError(
      'ERASE_NOT_APPROVED',
      `${hostname} (node ${id}) is protected: its disk is not erased`,
      {
        hint: `Remove \`protect: true\` of node${id} from the configuration if it may be.`,
        details: { node: id },
      },
    );
  const { erasure, wanted = false } = asked ?? {};
  const evidence = erasure?.evidence ?? 'unknown';
  if (erasure && evidence === 'installed' && !wanted) return needsReinstall(erasure);
  return new ErasureError(
    'ERASE_NOT_APPROVED',
    `installing ${hostname} (node ${id}) erases its disk, which was not approved${erasure === undefined ? '' : `: ${erasure.loss}`}`,
    {
      hint: eraseHint({ node: id, ...(boardName === undefined ? {} : { boardName }), evidence }),
      details: { node: id, evidence },
    },
  );
}

/** The finished installation of a node differs from what is asked for. */
function needsReinstall({ hostname, node, boardName, changes }: Erasure): ErasureError {
  const list = changes
    .filter(({ takesEffect }) => takesEffect !== 'in place')
    .map(({ name, before, after }) => `${name}: ${before} → ${after}`)
    .join('; ');
  const isLeft = changes.some(({ takesEffect }) => takesEffect === 'in place');
  const rest = isLeft
    ? ' What could be applied in place waits until nothing else needs a reinstallation.'
    : '';
  return new ErasureError(
    'NEEDS_REINSTALL',
    `${hostname} (node ${node}) needs to be reinstalled for what changed${list === '' ? '' : `: ${list}`}`,
    {
      hint: `Its system is left as it is. \`turingpi reinstall ${nodeArgument(node, boardName)}\` erases its disk and installs it anew.${rest}`,
      details: { node, changes: changes.map((change) => ({ ...change })) },
    },
  );
}
