import type { PhaseName, RunEvent, RunNode, RunOutcome } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';

export interface SampleRunOptions {
  readonly boards?: number;
  /** Of each board. Default: 4 */
  readonly nodes?: number;
  /** Of each node. Default: 12 */
  readonly actions?: number;
  /** How the nodes end, in turn, as `board:slot` says; default: all complete. */
  readonly fate?: (board: number, slot: number) => Fate;
}
export type Fate = 'completed' | 'install failed' | 'action failed' | 'blocked' | 'skipped';

type Line = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'seq' | 'runId' | 'at'> : never) : never;
interface Timed {
  readonly ms: number;
  readonly line: Line;
}

export const RUN_START = Date.parse('2026-11-29T10:00:00.000Z');
const IMAGE_MS = 9_000;
const FLASH_MS = 210_000;
const BOOT_MS = 38_000;
const IMAGE_BYTES = 1_900_000_000;
const ACTIONS = [
  'remote.runCommand',
  'remote.aptInstall',
  'local.copyFile',
  'remote.writeFile',
  'remote.waitFor',
];

/** A run as boards would have it: one flash at a time and board, images before, actions meanwhile. */
export function sampleRun(options: SampleRunOptions = {}): readonly RunEvent[] {
  const { boards = 1, nodes = 4, fate = () => 'completed' } = options;
  const configured: RunNode[] = [];
  const timed: Timed[] = [];
  for (let board = 0; board < boards; board += 1) {
    let slotFree = 0;
    for (let slot = 1; slot <= nodes; slot += 1) {
      const node = sampleNode(boards, board, slot);
      configured.push(node);
      slotFree = tellNode(
        timed,
        node,
        fate(board, slot),
        slotFree,
        (slot - 1) * IMAGE_MS,
        options.actions ?? 12,
      );
    }
  }
  const durationMs = Math.max(0, ...timed.map(({ ms }) => ms)) + 40;
  const failed = timed.some(({ line }) => line.type === 'node:failed');
  const blocked = timed.some(({ line }) => line.type === 'node:blocked');
  const outcome: RunOutcome = failed ? 'failed' : blocked ? 'incomplete' : 'completed';
  return [
    { ms: 0, line: startedLine(boards, configured) },
    ...timed.sort((a, b) => a.ms - b.ms),
    { ms: durationMs, line: { type: 'run:ended', outcome, durationMs } satisfies Line },
  ].map(({ ms, line }, seq) => ({
    ...line,
    seq,
    runId: SAMPLE_RUN_ID,
    at: new Date(RUN_START + ms).toISOString(),
  }));
}

export const SAMPLE_RUN_ID = '20261129-100000-k3v9';

function startedLine(boards: number, nodes: readonly RunNode[]): Line {
  return {
    type: 'run:started',
    schema: 1,
    command: 'up',
    version: '0.1.0',
    pid: 4711,
    host: 'workbench',
    boards: Array.from({ length: boards }, (_, board) => ({
      ...(boards === 1 ? {} : { name: boardName(board) }),
      address: `192.168.${board + 1}.90`,
      simulated: true,
    })),
    nodes,
  };
}

function boardName(board: number): string {
  return `rack-${String(board + 1).padStart(2, '0')}`;
}

function sampleNode(boards: number, board: number, slot: number): RunNode {
  return {
    nodeId: slot as NodeId,
    ...(boards === 1 ? {} : { board: boardName(board) }),
    hostname: boards === 1 ? `node-${slot}` : `${boardName(board)}-node-${slot}`,
    module: slot % 3 === 0 ? 'cm4' : 'rk1',
    os: 'ubuntu',
    address: `192.168.${board + 1}.${100 + slot}`,
  };
}

/** @returns when the flash slot of the board is free again, in ms since the start of the run */
function tellNode(
  timed: Timed[],
  { nodeId, hostname, board }: RunNode,
  fate: Fate,
  slotFree: number,
  imageFree: number,
  actions: number,
): number {
  const about = { nodeId, hostname, ...(board === undefined ? {} : { board }) };
  let ms = 0;
  const tell = (line: object, after = 0) => {
    ms += after;
    timed.push({ ms, line: { ...about, ...line } as Line });
  };
  const phase = (name: PhaseName, line: object, after = 0) => tell({ phase: name, ...line }, after);
  const failed = (failure: object) => {
    tell({ type: 'node:failed', durationMs: ms, ...failure }, 5);
  };

  tell({ type: 'node:started' });
  if (fate === 'skipped') {
    for (const name of ['image_customization', 'os_installation', 'post_installation'] as const)
      phase(name, { type: 'phase:skipped' }, 20);
    tell({ type: 'node:completed', durationMs: ms }, 5);
    return slotFree;
  }

  const why = {
    reason: 'inputs changed',
    changes: [{ name: 'network.hostname', before: 'old-name', after: hostname }],
  };
  phase('image_customization', { type: 'phase:started', ...(nodeId === 2 ? why : { reason: 'first run' }) });
  phase(
    'image_customization',
    { type: 'resource:acquired', resource: 'image-work', waitedMs: imageFree },
    imageFree,
  );
  for (const note of ['the bootloader is an old one', 'its image is an old one'])
    phase('image_customization', {
      ...{ type: 'phase:progress', progress: { activity: 'warning', note, warning: true } },
    });
  for (let done = 1; done <= 4; done += 1) {
    const progress = { activity: 'write', done: done * 4e8, total: 16e8, unit: 'bytes' };
    phase('image_customization', { type: 'phase:progress', progress }, IMAGE_MS / 4);
  }
  phase('image_customization', { type: 'resource:released', resource: 'image-work' });
  phase('image_customization', { type: 'phase:completed', durationMs: IMAGE_MS });
  if (fate === 'blocked') {
    phase('os_installation', { type: 'phase:blocked', ...NEEDS_APPROVAL }, 30);
    tell({ type: 'node:blocked', durationMs: ms, ...NEEDS_APPROVAL }, 5);
    return slotFree;
  }

  phase('os_installation', { type: 'phase:started', reason: 'first run' }, 10);
  const waitedMs = Math.max(0, slotFree - ms);
  phase('os_installation', { type: 'resource:acquired', resource: 'slot', waitedMs }, waitedMs);
  const percents = fate === 'install failed' ? 37 : 100;
  for (let percent = 1; percent <= percents; percent += 1) {
    const rate = IMAGE_BYTES / (FLASH_MS / 1000);
    const done = (IMAGE_BYTES * percent) / 100;
    const etaMs = (FLASH_MS * (100 - percent)) / 100;
    const progress = { activity: 'upload', done, total: IMAGE_BYTES, unit: 'bytes', rate, etaMs };
    phase('os_installation', { type: 'phase:progress', progress }, FLASH_MS / 100);
  }
  phase('os_installation', { type: 'resource:released', resource: 'slot' });
  const free = ms;
  if (fate === 'install failed') {
    phase('os_installation', { type: 'phase:failed', durationMs: ms - free + FLASH_MS, ...STALLED }, 10);
    failed(STALLED);
    return free;
  }
  phase('os_installation', { type: 'phase:progress', progress: { activity: 'power on' } }, 500);
  phase('os_installation', {
    ...{ type: 'phase:progress', progress: { activity: 'wait for the board', note: 'it is slow' } },
  });
  phase(
    'os_installation',
    { type: 'phase:progress', progress: { activity: 'wait for SSH', note: 'Starting kernel ...' } },
    1500,
  );
  phase(
    'os_installation',
    { type: 'phase:completed', durationMs: waitedMs + FLASH_MS + BOOT_MS },
    BOOT_MS - 2000,
  );

  phase('post_installation', { type: 'phase:started', reason: 'first run' }, 10);
  for (let index = 0; index < actions; index += 1) {
    const about = { phase: 'post_installation', action: ACTIONS[index % ACTIONS.length], index };
    if (index < actions / 6) {
      tell({ type: 'action:replayed', ...about }, 2);
      continue;
    }
    const durationMs = 80 + ((index * 7919 + nodeId * 31) % 17) * 90;
    tell({ type: 'action:started', ...about, ...(index % 9 === 0 ? { note: `package ${index}` } : {}) }, 3);
    if (fate === 'action failed' && index === actions - 1) {
      tell({ type: 'action:failed', ...about, durationMs, ...APT }, durationMs);
      phase('post_installation', { type: 'phase:failed', durationMs, ...APT });
      failed(APT);
      return free;
    }
    tell(
      {
        type: 'action:completed',
        ...about,
        durationMs,
        ...(index % 5 === 4 ? {} : { changed: index % 3 !== 0 }),
      },
      durationMs,
    );
  }
  phase('post_installation', { type: 'phase:completed', durationMs: actions * 700 });
  tell({ type: 'node:completed', durationMs: ms }, 5);
  return free;
}

const STALLED = {
  code: 'BMC_FLASH_STALLED',
  message: 'The transfer to node 3 stood still for 60 s at 703 MB of 1.9 GB.',
  hint: 'Look at the board with `turingpi doctor`; `turingpi up` begins the installation again.',
  console: [
    '[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x412fd050]',
    '[    1.482113] mmc0: error -110 whilst initialising MMC card',
    '[    1.501877] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
  ],
};
const APT = {
  code: 'COMMAND_FAILED',
  message: 'apt-get install htop ended with 100 on node-4: E: Unable to locate package htop',
  hint: 'Run `turingpi up` again when the node reaches its package servers; it goes on at this action.',
};
const NEEDS_APPROVAL = {
  code: 'ERASE_NOT_APPROVED',
  message: 'Installing node-2 erases its eMMC, and nobody approved that.',
  hint: 'Run `turingpi up --erase 2`, or answer yes when asked.',
};

/** One board on which one of everything happens. */
export function eventfulRun(): readonly RunEvent[] {
  const fates: readonly Fate[] = ['completed', 'blocked', 'install failed', 'action failed'];
  return sampleRun({ fate: (_, slot) => fates[slot - 1]! });
}

/** Texts that want to be more than text. */
export const HOSTILE =
  '</script><script>globalThis.broken=1</script><img src=x onerror="globalThis.broken=1">\u2028<!--';

/** A run in which everything that comes from outside is {@link HOSTILE}. */
export function hostileRun(): readonly RunEvent[] {
  const outside = new Set([
    'hostname',
    'message',
    'hint',
    'note',
    'before',
    'name',
    'action',
    'address',
    'host',
    'text',
  ]);
  const taint = (value: unknown, key?: string): unknown => {
    if (typeof value === 'string')
      return key !== undefined && outside.has(key) ? `${value} ${HOSTILE}` : value;
    if (Array.isArray(value)) return value.map((each) => (typeof each === 'string' ? HOSTILE : taint(each)));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, taint(each, name)]));
  };
  return taint(eventfulRun()) as readonly RunEvent[];
}
