import type { NodeId } from '@turingpi/foundation';
import type { VirtualBoardOptions } from '@turingpi/virtual-board';
import type { Fault, FaultScene } from './faults.js';
import type { Moment } from './moments.js';

/** What the modules of a board hold and show. */
export interface Systems {
  readonly revision: NonNullable<VirtualBoardOptions['boardRevision']>;
  /** Their storage is not blank: they boot, when they are switched on. */
  readonly installed: readonly NodeId[];
  /** How long a system prints nothing after it was switched on. */
  readonly silentMs: number;
  /** Nodes that run when the flash begins, with their consoles full of what they printed. */
  readonly running: readonly NodeId[];
  /** Slots with a CM4; the others have an RK1. */
  readonly cm4: readonly NodeId[];
}

interface Situation extends Partial<Omit<Systems, 'revision'>> {
  readonly name: string;
  readonly happen: (scene: FaultScene) => unknown;
}

/** Which module is written is decided at the beginning. */
const DECISIVE: readonly Moment[] = ['before start', 'start', 'bring-up', 'first MB', 'verify', 'after'];

const SITUATIONS: readonly Situation[] = [
  { name: 'node 1 into USB boot', happen: ({ board }) => board.enterUsbBoot(1) },
  { name: 'node 4 into USB boot', happen: ({ board }) => board.enterUsbBoot(4) },
  {
    // Nothing clears the console at a power cycle: it still shows the system that ran there.
    name: 'running node into USB boot',
    running: [1],
    happen: ({ board }) => board.enterUsbBoot(1),
  },
  {
    name: 'two into USB boot',
    happen: async ({ board }) => {
      await board.enterUsbBoot(3);
      await board.enterUsbBoot(1);
    },
  },
  {
    // A CM4 is looked for first, whenever it appeared.
    name: 'CM4 into USB boot',
    cm4: [3],
    happen: ({ board }) => board.enterUsbBoot(3),
  },
  { name: 'blank module on', installed: [1, 3], happen: ({ board }) => board.switchPower(4, true) },
  {
    name: 'silent boot, ours',
    silentMs: 400,
    happen: ({ ours, defer }) => {
      const switched = ours().switchOn(1); // waits until no module is being brought up
      defer(() => switched);
    },
  },
  { name: 'silent boot, other', silentMs: 60_000, happen: ({ board }) => board.switchPower(1, true) },
];

/** Other modules on a board with a switch, and on one with a hub, where the BMC may mistake them for the target. */
export const ON_BOARDS_WITH_SYSTEMS: readonly Fault[] = (['v2.4', 'v2.5'] as const).flatMap((revision) =>
  SITUATIONS.map(({ name, happen, ...systems }): Fault => {
    const usual = { installed: [1, 3, 4], silentMs: 0, running: [], cm4: [] } as const;
    return {
      name: `${revision}: ${name}`,
      happen,
      moments: DECISIVE,
      systems: { ...usual, ...systems, revision },
    };
  }),
);
