import { TuringPiError } from '@turingpi/foundation';
import { declarativeLogin, type ConnectNodeOptions } from '@turingpi/provisioning';
import { placeIn } from '../cluster/declared-workflow.js';
import type { OpenedBoards } from '../cluster/open-boards.js';
import type { Terminal } from '../process/terminal.js';
import type { NamedNode } from './named-nodes.js';

/** The password that the configuration's workflow gives a node's user; undefined where it says none that can be read. */
export async function declaredPassword(
  opened: Pick<OpenedBoards, 'at'>,
  { cluster, node }: NamedNode,
  { environment }: Terminal,
): Promise<ConnectNodeOptions> {
  try {
    const place = { ...placeIn(opened.at(cluster).file), environment };
    const { password } = await declarativeLogin(cluster, node.id, place);
    return { password };
  } catch (error) {
    // What is wrong with the workflow is no reason to keep somebody from the node who has another way in.
    if (!TuringPiError.is(error)) throw error;
    return {};
  }
}
