import { BMC_CLIENT, BOARDS } from '@turingpi/provisioning';
import { type BmcClient, refuseFirmwareFault } from '@turingpi/bmc';
import { type NodeId, TuringPiError } from '@turingpi/foundation';
import type { TuringPi } from '@turingpi/core';

/** What waiting does not mend and trying again makes worse: the user must do something first. */
const FATAL: ReadonlySet<string> = new Set([
  'BMC_UNTRUSTED',
  'BMC_CERTIFICATE_CHANGED',
  'BMC_AUTH_REFUSED',
  'BMC_BANNED',
  'BMC_PASSWORD_MISSING',
  'BMC_FACTORY_PASSWORD',
  'BMC_FLASH_FIRMWARE_FAULT',
]);

export interface ReachBoardOptions {
  /** Nodes that are about to run. Default: all that are configured. */
  readonly nodes: readonly NodeId[] | undefined;
  /** Whether nodes that are finished are installed again. */
  readonly installsFinished?: boolean;
  readonly signal: AbortSignal;
  /** Takes what the user should know although the run goes on. */
  readonly note: (text: string) => void;
}

/**
 * Reaches the board once, verifies it and logs in, before images are made for nodes that it cannot flash then. A board
 * that does not answer is only said: it may answer when the images are done.
 *
 * @returns Its controller, where there is one, it was needed, and it let us in.
 * @throws BmcError `BMC_UNTRUSTED`, `BMC_CERTIFICATE_CHANGED`, `BMC_AUTH_REFUSED`, `BMC_BANNED`, `BMC_PASSWORD_MISSING`,
 * `BMC_FACTORY_PASSWORD`, `BMC_FLASH_FIRMWARE_FAULT`.
 */
export async function reachBoard(
  cluster: TuringPi,
  options: ReachBoardOptions,
): Promise<BmcClient | undefined> {
  if (!usesController(cluster, options.nodes)) return undefined;
  if (options.installsFinished !== true && !(await needsBoard(cluster, options.nodes))) return undefined;
  const client = clientOf(cluster);
  if (client === undefined) return undefined;
  try {
    const { signal } = options;
    await client.login({ signal });
    await client.capabilities({ signal }); // the login of a board with the password of the factory works
    for (const node of await nodesToInstall(cluster, options))
      await refuseFirmwareFault({ node, module: cluster.config.nodes.get(node)?.board }, client, { signal });
    return client;
  } catch (error) {
    if (!TuringPiError.is(error) || FATAL.has(error.code)) throw error;
    options.note(`${error.message} (${error.code}); images are made all the same`);
    return undefined;
  }
}

/** Whether any of the nodes is on a board that can be asked who it is: modules without one need none. */
function usesController(cluster: TuringPi, nodes: readonly NodeId[] | undefined): boolean {
  const { extensions } = cluster.registry;
  return [...cluster.config.nodes].some(
    ([id, { board }]) => (nodes ?? [id]).includes(id) && extensions.get(BOARDS, board).identity !== undefined,
  );
}

/** Nodes that are finished are asked themselves. */
async function needsBoard(cluster: TuringPi, nodes: readonly NodeId[] | undefined): Promise<boolean> {
  return [...(await cluster.status())].some(
    ([id, phases]) =>
      (nodes ?? [id]).includes(id) && Object.values(phases).some(({ status }) => status !== 'completed'),
  );
}

/** Nodes whose storage is about to be written. */
async function nodesToInstall(
  cluster: TuringPi,
  { nodes, installsFinished = false }: Pick<ReachBoardOptions, 'nodes' | 'installsFinished'>,
): Promise<readonly NodeId[]> {
  return await nodesDue(cluster, 'os_installation', { nodes, installsFinished });
}

/** Nodes for which a phase is about to run, as far as their records tell. */
export async function nodesDue(
  cluster: TuringPi,
  phase: 'image_customization' | 'os_installation',
  { nodes, installsFinished = false }: Pick<ReachBoardOptions, 'nodes' | 'installsFinished'>,
): Promise<readonly NodeId[]> {
  return [...(await cluster.status())].flatMap(([id, phases]) =>
    (nodes ?? [id]).includes(id) && (installsFinished || phases[phase].status !== 'completed') ? [id] : [],
  );
}

/** Boards of other makers may have no such controller. */
function clientOf(cluster: TuringPi): BmcClient | undefined {
  try {
    return cluster.registry.service(BMC_CLIENT);
  } catch (error) {
    if (TuringPiError.is(error) && error.code === 'PLUGIN_SERVICE_MISSING') return undefined;
    throw error;
  }
}
