import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import type { VirtualBoard, VirtualNodeOptions } from '@turingpi/virtual-board';

/** Where a rehearsal takes place. */
export interface RehearsalPlace {
  /** A folder for this rehearsal alone: its state, its secrets of nodes, its trust. */
  readonly cacheDir: string;
  readonly board: Pick<VirtualBoard, 'https' | 'http' | 'nodes' | 'publicKeyPin'>;
  /** Of the simulated controller. */
  readonly password: string;
}

/** A configuration for the simulated board, and what of the user's is not rehearsed. */
export interface RehearsedInput {
  readonly input: unknown;
  /** One sentence each. */
  readonly leftOut: readonly string[];
}

/** Modules that can be simulated. */
const SIMULATED = ['rk1', 'cm4'] as const;
/** The action that runs a program on this computer. */
const RUN_LOCAL = 'runLocal';
/** How every node is installed in a rehearsal. */
const STRATEGY = 'flash';

/** What has to be in the slots of the simulated board. What is no configuration at all has empty ones. */
export function simulatedSlots(input: unknown): readonly VirtualNodeOptions[] {
  return NODE_IDS.map((id) => ({ board: simulatedBoard(nodeIn(input, id)?.['board']) }));
}

/**
 * The user's configuration, with the simulated board in place of the real one. What would reach beyond it is left out: other
 * modules, programs on this computer, other ways to install than by the controller, the store of the real state.
 *
 * @param input - as it is in the file; what is wrong in it stays wrong, for whoever checks it
 */
export function rehearsedInput(input: unknown, place: RehearsalPlace): RehearsedInput {
  if (!isRecord(input)) return { input, leftOut: [] };
  const leftOut: string[] = [];
  const { stateStore, state, ...rest } = input;
  const named = state === undefined ? 'stateStore' : 'state';
  if (state !== undefined || (stateStore !== undefined && stateStore !== 'file'))
    leftOut.push(`${named}: what is rehearsed is on record in a file of the rehearsal`);
  const nodes = NODE_IDS.map((id) => [`node${id}`, rehearsedNode(input, id, place, leftOut)] as const);
  return {
    input: {
      ...rest,
      ...Object.fromEntries(nodes),
      ip: place.board.https.host,
      cacheDir: place.cacheDir,
      bmc: {
        port: place.board.https.port,
        ...(place.board.http === undefined ? {} : { httpPort: place.board.http.port }),
        username: 'root',
        password: place.password,
        publicKeyPin: place.board.publicKeyPin,
      },
      ...('workflow' in input ? { workflow: rehearsedWorkflow(input['workflow'], leftOut) } : {}),
    },
    leftOut,
  };
}

function rehearsedNode(input: unknown, id: NodeId, { board }: RehearsalPlace, leftOut: string[]): unknown {
  const written = isRecord(input) ? input[`node${id}`] : undefined;
  const node = nodeIn(input, id);
  if (node === undefined) return written;
  if (typeof node['board'] === 'string' && simulatedBoard(node['board']) === undefined) {
    leftOut.push(`node${id}: a module of type ${node['board']} cannot be simulated`);
    return undefined;
  }
  const { protect, ...rest } = node;
  if (protect === true) leftOut.push(`node${id}.protect: the disk that is written is a simulated one`);
  const ssh = board.nodes.find((slot) => slot.id === id)?.ssh;
  return ssh === undefined ? rest : { ...rest, ssh: { host: ssh.host, port: ssh.port } };
}

function rehearsedWorkflow(workflow: unknown, leftOut: string[]): unknown {
  if (!isRecord(workflow)) return workflow;
  const part = (written: unknown, place: string): unknown => {
    if (!isRecord(written)) return written;
    const { install, postInstall } = written;
    const next = { ...written };
    if (isRecord(install) && install['strategy'] !== undefined && install['strategy'] !== STRATEGY) {
      leftOut.push(`${place}.install.strategy: nodes are flashed by the simulated controller`);
      next['install'] = { ...install, strategy: STRATEGY };
    }
    if (Array.isArray(postInstall)) {
      const kept = postInstall.filter((step) => !isRecord(step) || !(RUN_LOCAL in step));
      const gone = postInstall.length - kept.length;
      if (gone > 0)
        leftOut.push(`${place}.postInstall: ${gone} × ${RUN_LOCAL}, which would run on this computer`);
      next['postInstall'] = kept;
    }
    return next;
  };
  const next = part(workflow, 'workflow') as Record<string, unknown>;
  const { nodes } = workflow;
  if (isRecord(nodes))
    next['nodes'] = Object.fromEntries(
      Object.entries(nodes).map(([name, own]) => [name, part(own, `workflow.nodes.${name}`)]),
    );
  return next;
}

function simulatedBoard(type: unknown): VirtualNodeOptions['board'] {
  return SIMULATED.find((one) => one === type);
}

function nodeIn(input: unknown, id: NodeId): Readonly<Record<string, unknown>> | undefined {
  const node = isRecord(input) ? input[`node${id}`] : undefined;
  return isRecord(node) ? node : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
