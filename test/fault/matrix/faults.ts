import { setTimeout as sleep } from 'node:timers/promises';
import type { BmcClient } from '@turingpi/bmc';
import type { BoardProfileName, VirtualBoard } from '@turingpi/virtual-board';
import { type Moment, OBSERVABLE_MOMENTS } from './moments.js';
import { ON_BOARDS_WITH_SYSTEMS, type Systems } from './other-modules.js';

/** What a fault may do something to. */
export interface FaultScene {
  readonly board: VirtualBoard;
  /** A program of ours beside the one that flashes. */
  readonly ours: () => BmcClient;
  /** Bytes of the image that the client has handed to the network. */
  readonly sentBytes: () => number;
  /** Decompressed bytes that the board has written, or read back. */
  readonly passedBytes: () => number;
  readonly abort: () => void;
  /** Makes the image's source fail, or end early. */
  readonly spoilSource: (how: 'fails' | 'ends') => void;
  /** Undone before the board is used again. */
  readonly defer: (repair: () => unknown) => void;
}

/** One thing that goes wrong, at whatever moment. */
export interface Fault {
  readonly name: string;
  readonly happen: (scene: FaultScene) => unknown;
  /** Nothing moves any more: short limits of the client are what is tested. */
  readonly stands?: true;
  /** Send an xz file, which the board decompresses. Default: a raw image. */
  readonly xz?: true;
  /** Firmware of the board. Default: the newest. */
  readonly profile?: BoardProfileName;
  /** What the modules hold, where it matters. Default: four blank RK1, all off. */
  readonly systems?: Systems;
  /** When it may happen. Default: whenever somebody could see it. */
  readonly moments?: readonly Moment[];
}

const AHEAD = 128 * 1024;

const ON_NEWEST_FIRMWARE: readonly Fault[] = [
  { name: 'module not found', happen: ({ board }) => board.setFaults({ bringUp: 'not-found' }) },
  { name: 'USB error', happen: ({ board }) => board.setFaults({ bringUp: 'usb-error' }) },
  { name: 'no storage appears', happen: ({ board }) => board.setFaults({ bringUp: 'no-block-device' }) },
  { name: 'several modules', happen: ({ board }) => board.setFaults({ bringUp: 'several-devices' }) },
  { name: 'rpiboot fails', happen: ({ board }) => board.setFaults({ bringUp: 'rpiboot-failed' }) },
  { name: 'upload reset', happen: ({ board, sentBytes }) => board.setFaults({ resetUploadAt: sentBytes() }) },
  {
    name: 'daemon dies, comes back',
    happen: ({ board, defer }) => {
      const restarted = sleep(250).then(() => board.restart());
      defer(() => restarted);
      return board.crash();
    },
  },
  {
    name: 'daemon dies for good',
    happen: ({ board, defer }) => {
      defer(() => board.restart());
      return board.crash();
    },
  },
  { name: 'daemon restarted', happen: ({ board }) => board.restart() },
  {
    name: 'eMMC error',
    happen: ({ board, passedBytes }) => board.setFaults({ emmcErrorAt: passedBytes() + AHEAD }),
  },
  {
    name: 'eMMC stalls',
    stands: true,
    happen: ({ board, passedBytes }) => board.setFaults({ emmcStallAt: passedBytes() + AHEAD }),
  },
  {
    name: 'bit flips',
    happen: ({ board, passedBytes }) => board.setFaults({ corruptEmmcAt: passedBytes() + AHEAD }),
  },
  { name: 'form refused', happen: ({ board }) => board.setFaults({ malformedForm: true }) },
  { name: 'no memory for xz', xz: true, happen: ({ board }) => board.setFaults({ memoryLimitBytes: 4096 }) },
  {
    name: 'takeover, other node',
    happen: async ({ board, defer }) => {
      defer(() => board.cancelTransfer());
      await board.startForeignTransfer(4);
    },
  },
  {
    name: 'takeover, same node',
    happen: async ({ board, defer }) => {
      defer(() => board.cancelTransfer());
      await board.startForeignTransfer(2);
    },
  },
  { name: 'cancelled by others', happen: ({ board }) => board.cancelTransfer() },
  {
    name: 'banned',
    happen: ({ board, defer }) => {
      defer(() => board.forgive());
      board.ban();
    },
  },
  { name: 'session expires', happen: ({ board }) => board.expireTokens() },
  {
    name: 'API blocked for good',
    stands: true,
    happen: ({ board, defer }) => {
      const held = board.holdLock(); // granted when the request that has it is through
      defer(async () => (await held)());
    },
  },
  {
    name: 'API blocked a while',
    happen: ({ board }) => {
      void board.holdLock().then((release) => sleep(400).then(release));
    },
  },
  { name: 'user aborts', happen: ({ abort }) => abort() },
  {
    name: 'user aborts standstill',
    happen: async ({ board, passedBytes, abort }) => {
      board.setFaults({ emmcStallAt: passedBytes() });
      await sleep(200);
      abort();
    },
  },
  { name: 'image source fails', happen: ({ spoilSource }) => spoilSource('fails') },
  { name: 'image source ends', happen: ({ spoilSource }) => spoilSource('ends') },
];

/** No xz, no digest, the length counted by the worker, a node that stays on after a failure: what differs there. */
const OLD_FIRMWARE = 'bmcd-2.0.5';
const ALSO_ON_OLD_FIRMWARE: readonly string[] = [
  'module not found',
  'upload reset',
  'daemon restarted',
  'eMMC error',
  'bit flips',
  'takeover, other node',
  'cancelled by others',
  'user aborts',
  'image source ends',
];

/** Everything that can go wrong on a virtual board. */
export const FAULTS: readonly Fault[] = [
  ...ON_NEWEST_FIRMWARE,
  ...ON_NEWEST_FIRMWARE.filter(({ name }) => ALSO_ON_OLD_FIRMWARE.includes(name)).map(
    (fault) =>
      ({
        ...fault,
        name: `2.0.5: ${fault.name}`,
        profile: OLD_FIRMWARE,
      }) as const,
  ),
  ...ON_BOARDS_WITH_SYSTEMS,
];

/** The moments of a fault. */
export function momentsOf({ moments = OBSERVABLE_MOMENTS }: Fault): readonly Moment[] {
  return moments;
}
