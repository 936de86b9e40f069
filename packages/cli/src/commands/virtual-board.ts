import { once } from 'node:events';
import path from 'node:path';
import type { ClusterConfig } from '@turingpi/core';
import { NODE_IDS } from '@turingpi/foundation';
import {
  BoardDirectoryInUse,
  describeFinding,
  startVirtualBoard,
  type VirtualBoard,
  type VirtualBoardOptions,
} from '@turingpi/virtual-board';
import { asOpensslPrints } from '../board/describe-identity.js';
import { openCluster } from '../cluster/open-cluster.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';

export interface VirtualBoardCommandOptions {
  readonly config?: string;
  readonly board?: string;
  readonly host?: string;
  readonly port?: number;
  readonly httpPort?: number | 'off';
  /** `rk1,rk1,cm4,-`: one entry a slot, `-` for an empty one. */
  readonly nodes?: string;
  /** Port of SSH of node 1; the others follow. */
  readonly sshPort?: number;
  readonly dir?: string;
  /** How real the nodes are. */
  readonly boot?: NonNullable<VirtualBoardOptions['boot']>;
  readonly user?: string;
  readonly password?: string;
  readonly json?: boolean;
}

/** Power steps and bring-up of the simulated board take a tenth of what they take on a real one. */
const CLOCK_SCALE = 10;

/**
 * `turingpi virtual-board`: serves a simulated Turing Pi 2 until it is stopped. Where `TURINGPI_ERASE_LEDGER` is set, it
 * ends with an error when something was done to a node that nobody had approved.
 */
export async function virtualBoard(options: VirtualBoardCommandOptions, terminal: Terminal): Promise<number> {
  const config = await configOf(options, terminal);
  using interruption = onInterruption(() => undefined);
  await using board = await startVirtualBoard(boardOptions(options, config)).catch((error: unknown) => {
    throw inUse(error) ?? cannotMake(error) ?? cannotListen(error) ?? error;
  });
  terminal.stdout.write(
    options.json === true ? `${JSON.stringify(readyRecord(board))}\n` : describeBoard(board, config),
  );
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
  for (const finding of board.findings) terminal.stderr.write(`${describeFinding(finding)}\n`);
  return board.findings.length === 0 ? EXIT.ok : EXIT.failed;
}

/** The board is served with these settings; the cluster itself is not needed. */
async function configOf(
  { config, board }: VirtualBoardCommandOptions,
  terminal: Terminal,
): Promise<ClusterConfig | undefined> {
  if (config === undefined) return undefined;
  await using opened = await openCluster(config, terminal, { board });
  return opened.cluster.config;
}

/** Another simulated board has the disks. */
function inUse(error: unknown): UsageError | undefined {
  if (!(error instanceof BoardDirectoryInUse)) return undefined;
  const { directory, holder } = error;
  const who = holder === undefined ? '' : ` (process ${holder.pid} on ${holder.host})`;
  return new UsageError(
    `another simulated board has ${directory}${who}: both would write to the same disks`,
    'Stop it, or choose another folder with --dir.',
  );
}

/** What `--dir` names cannot be a directory. */
function cannotMake(error: unknown): UsageError | undefined {
  const { code, syscall, path: directory } = error as NodeJS.ErrnoException;
  if (syscall !== 'mkdir') return undefined;
  return new UsageError(`--dir ${directory ?? ''} cannot be made: ${code ?? ''}`, 'Choose another folder.');
}

/** The ports are taken, or not ours to take: something that the user can change. */
function cannotListen(error: unknown): UsageError | undefined {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const why = {
    EADDRINUSE: 'is in use',
    EACCES: 'needs more rights',
    EADDRNOTAVAIL: 'is no address of this computer',
  };
  if (code === undefined || !(code in why)) return undefined;
  return new UsageError(
    `a simulated board cannot listen at ${address ?? 'its address'}${port === undefined ? '' : `:${port}`}, which ${why[code as keyof typeof why]}`,
    'Stop the program that has it (`turingpi virtual-board` may run already), or choose others with --host, --port, --http-port and --ssh-port.',
  );
}

function boardOptions(
  options: VirtualBoardCommandOptions,
  config: ClusterConfig | undefined,
): VirtualBoardOptions {
  const password = options.password ?? config?.bmc.password?.reveal();
  const dir =
    options.dir ?? (config === undefined ? undefined : path.join(config.cacheDir, folderOf(config)));
  const username = options.user ?? config?.bmc.username;
  return {
    boot: options.boot ?? 'shell',
    clock: { scale: CLOCK_SCALE },
    host: options.host ?? '127.0.0.1',
    port: options.port ?? config?.bmc.port ?? 0,
    httpPort: options.httpPort ?? config?.bmc.httpPort ?? 0,
    nodes: withSshPorts(
      options.nodes === undefined ? nodesFrom(config) : parseNodes(options.nodes),
      options.sshPort,
    ),
    ...(dir === undefined ? {} : { dir }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** @throws UsageError */
function parseNodes(text: string): NonNullable<VirtualBoardOptions['nodes']> {
  const slots = text.split(',').map((entry) => entry.trim());
  if (slots.length > NODE_IDS.length)
    throw new UsageError(`--nodes takes at most four entries, got ${slots.length}: ${text}`);
  return NODE_IDS.map((id) => {
    const entry = slots[id - 1] ?? '-';
    if (entry === '-' || entry === '') return { board: undefined };
    if (entry !== 'rk1' && entry !== 'cm4')
      throw new UsageError(`--nodes knows rk1, cm4 and - (an empty slot), not "${entry}"`);
    return { board: entry };
  });
}

function nodesFrom(config: ClusterConfig | undefined): NonNullable<VirtualBoardOptions['nodes']> {
  return NODE_IDS.map((id) => {
    if (config === undefined) return { board: id <= 2 ? 'rk1' : 'cm4' };
    const node = config.nodes.get(id);
    if (node === undefined) return { board: undefined };
    const port = node.ssh?.port;
    return {
      board: node.board === 'cm4' ? 'cm4' : 'rk1',
      ...(port === undefined ? {} : { sshPort: port }),
    };
  });
}

/** Each node has its port, whether there are others before it or not. */
function withSshPorts(
  nodes: NonNullable<VirtualBoardOptions['nodes']>,
  first: number | undefined,
): NonNullable<VirtualBoardOptions['nodes']> {
  if (first === undefined || first === 0) return nodes;
  return nodes.map((node, index) => ({ ...node, sshPort: first + index }));
}

function readyRecord(board: VirtualBoard): Readonly<Record<string, unknown>> {
  return {
    event: 'ready',
    https: board.https,
    http: board.http ?? null,
    certificateFingerprint: board.certificateFingerprint,
    nodes: board.nodes
      .filter((node) => node.board !== undefined)
      .map(({ id, board: type, emmc, ssh }) => ({ id, board: type, emmc, ssh })),
  };
}

function describeBoard(board: VirtualBoard, config: ClusterConfig | undefined): string {
  const lines = [
    `simulated Turing Pi 2 at https://${board.https.host}:${board.https.port}`,
    asOpensslPrints(board.certificateFingerprint), // the line by which init and trust have it compared
    `certificate ${board.certificateFingerprint}`,
    ...board.nodes
      .filter((node) => node.board !== undefined)
      .map(
        ({ id, board: type, emmc, ssh }) =>
          `Node${id} ${type ?? ''}: eMMC ${emmc ?? ''}, SSH ${ssh?.host ?? ''}:${ssh?.port ?? ''}`,
      ),
    config === undefined
      ? 'log in as root / turing, unless --user and --password say otherwise'
      : 'log in as the configuration says',
    'Ctrl-C stops it',
  ];
  return `${lines.join('\n')}\n`;
}

/** Where the disks of a simulated board are, below the cache directory. */
function folderOf({ boardName }: ClusterConfig): string {
  return boardName === undefined ? 'virtual-board' : `virtual-board-${boardName}`;
}
