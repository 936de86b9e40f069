import { BmcError, type BmcClient } from '@turingpi/bmc';
import type { NodeId } from '@turingpi/foundation';
import { BOARDS } from '../board/boards.js';
import { ProvisioningError } from '../provisioning-error.js';
import type { DeclaredCluster } from '../workflow/declarative-workflow.js';
import type { PreflightFinding } from './preflight-finding.js';

/**
 * Finds nodes of which the board has noted another module than the configuration has.
 *
 * @remarks The controller cannot see which module is in a slot: these are notes that somebody wrote (`turingpi board info` shows
 * them), so they only warn. An image for another module is refused by what the image is, and a flash by what answers.
 */
export async function checkModules(
  { config, registry }: DeclaredCluster,
  options: { readonly client: BmcClient; readonly nodes: readonly NodeId[]; readonly signal: AbortSignal },
): Promise<readonly PreflightFinding[]> {
  const { client, nodes, signal } = options;
  if (nodes.length === 0) return [];
  const notes = await client.board.nodeNotes({ signal }).catch((cause: unknown) => {
    if (BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED', 'BMC_REQUEST_REFUSED')) return undefined;
    throw cause;
  });
  const boards = registry.extensions.all(BOARDS).map(({ id }) => id);
  return nodes.flatMap((id): readonly PreflightFinding[] => {
    const board = config.nodes.get(id)?.board;
    const noted = notedBoard(notes?.[id], boards);
    if (board === undefined || noted === undefined || noted === board) return [];
    const error = new ProvisioningError(
      'MODULE_NOTED_OTHERWISE',
      `node ${id} is a ${board} in the configuration, and the board has noted a ${noted} in its slot`,
      {
        hint: `See what is in the slot. The note is somebody's, and is shown by \`turingpi board info\`; \`node${id}.board\` says what it is.`,
        details: { node: id, board, noted },
      },
    );
    return [{ severity: 'warning', about: `node${id}.board`, error }];
  });
}

/** The kind of module that a note such as `Turing RK1` names. */
export function notedBoard(
  note: { readonly name?: string | undefined; readonly moduleName?: string | undefined } | undefined,
  boards: readonly string[],
): string | undefined {
  const text = `${note?.moduleName ?? ''} ${note?.name ?? ''}`.toLowerCase();
  return boards.find((id) => text.includes(id.toLowerCase()));
}
