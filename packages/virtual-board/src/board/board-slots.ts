import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type CleanupStack, NODE_IDS, type NodeId } from '@turingpi/foundation';
import { EmmcFile } from '../hardware/emmc-file.js';
import { NodeSlot } from '../hardware/node-slot.js';
import type { BoardJudge } from '../judge/board-judge.js';
import type { PinLog } from '../hardware/pin-log.js';
import { RateLimiter } from '../hardware/rate-limiter.js';
import { createQemuMachine, createShellMachine } from '@turingpi/virtual-node';

import type { FaultPanel } from './board-faults.js';
import { BytesOnlyMachine } from './bytes-only-machine.js';
import type { MachineFactory, VirtualBoardOptions, VirtualNodeOptions } from './virtual-board-options.js';

const DEFAULT_EMMC_BYTES = 8 * 1024 ** 3;
const EMPTY: VirtualNodeOptions = { board: undefined };

/** What the slots of a board share. */
export interface SlotParts {
  readonly pins: PinLog;
  readonly faults: FaultPanel;
  readonly judge: BoardJudge;
}

/** Fits the slots with their modules: an eMMC file and a machine each. */
export async function fitSlots(
  options: VirtualBoardOptions,
  dir: string,
  host: string,
  { pins, faults, judge }: SlotParts,
  cleanup: CleanupStack,
  boardSerial: string,
): Promise<NodeSlot[]> {
  const wanted: readonly VirtualNodeOptions[] = options.nodes ?? NODE_IDS.map(() => ({ board: 'rk1' }));
  const createMachine = options.createMachine ?? machineFactory(options);
  const slots: NodeSlot[] = [];
  for (const id of NODE_IDS) {
    const { board, sshPort = 0, address, serial = serialOfSlot(boardSerial, id) } = wanted[id - 1] ?? EMPTY;
    if (board === undefined) {
      slots.push(new NodeSlot(id, undefined, pins, judge));
      continue;
    }
    const emmcSizeBytes = options.emmcSizeBytes ?? DEFAULT_EMMC_BYTES;
    const emmc = new EmmcFile(
      join(dir, `node${id}.emmc`),
      emmcSizeBytes,
      new RateLimiter(options.emmcBytesPerSecond),
      faults,
      () => judge.written(id),
    );
    await emmc.ensure();
    const machine = await createMachine({
      slot: id,
      boardType: board,
      emmcPath: emmc.path,
      emmcSizeBytes,
      moduleSerial: serial,
      ...(address !== undefined && { address }),
      ssh: { host, port: sshPort },
      onConsole: (text) => slot.uart.append(Buffer.from(text, 'utf8')),
    });
    const slot = new NodeSlot(id, { board, emmc, machine }, pins, judge);
    cleanup.use(`machine of node ${id}`, machine);
    slots.push(slot);
  }
  return slots;
}

/** A module stays the same one between the runs of a board. */
function serialOfSlot(boardSerial: string, slot: NodeId): string {
  return createHash('sha256').update(`${boardSerial} ${slot}`).digest('hex').slice(0, 16);
}

function machineFactory({
  boot = 'shell',
  nodeNetwork,
  installerScript,
}: VirtualBoardOptions): MachineFactory {
  switch (boot) {
    case 'none':
      return (machine) => Promise.resolve(new BytesOnlyMachine(machine));
    case 'shell':
      return (machine) => createShellMachine({ ...machine, installerScript });
    case 'qemu':
      return (machine) => createQemuMachine({ ...machine, ...(nodeNetwork && { network: nodeNetwork }) });
  }
}
