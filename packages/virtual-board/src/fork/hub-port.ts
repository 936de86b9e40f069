import type { NodeId } from '@turingpi/foundation';
import type { ForkTraits } from '../board/board-profile.js';
import { BringUpError } from '../hardware/bring-up-error.js';
import type { EmmcFile } from '../hardware/emmc-file.js';
import type { LateFault } from '../board/board-faults.js';
import type { FittedSlot } from '../hardware/node-slot.js';

// How the fork finds a module on a board with a hub: by the port that the device tree gives its slot, for the module as
// for its storage. Texts as they were read in its source (docs/reference/bmc-protocol.md, "Fork: modules and ports");
// none was seen on a board.

/** The kernel's name of the port behind which a slot is: modules are high-speed devices, on the second bus. */
function busPort(node: NodeId): string {
  return `2-1.${node}`;
}

/**
 * The module on the port of a node, and that which gets the boot files: of a CM4 these still go to the first one there is.
 *
 * @throws BringUpError
 */
export function moduleOnPort(
  seen: readonly FittedSlot[],
  node: NodeId,
  compared: ForkTraits['hubPort'],
): { readonly loaded: FittedSlot; readonly target: FittedSlot } {
  // Up to 2.32 the bus was part of what is compared, and is another one for every RK1.
  const wanted = compared === 'with bus' ? `1-1.${node}` : `1.${node}`;
  const matching = seen.filter(
    ({ id, module }) => id === node && !(compared === 'with bus' && module.board === 'rk1'),
  );
  const [target] = matching;
  if (!target) {
    const found = seen.map(({ id, module }) => `${DRIVERS[module.board] ?? module.board} on ${busPort(id)}`);
    throw new BringUpError(
      found.length === 0
        ? `node ${node} requested on ${wanted}; nothing is in maskrom or rockusb there`
        : `node ${node} requested on ${wanted}; found ${found.join(', ')} instead`,
    );
  }
  const first = seen.find(({ module, exposed }) => module.board === 'cm4' && !exposed);
  return { loaded: target.module.board === 'cm4' ? (first ?? target) : target, target };
}

/**
 * The disk on the port of the target.
 *
 * @throws BringUpError
 */
export function storageOnPort(seen: readonly FittedSlot[], target: FittedSlot): EmmcFile {
  if (target.exposed) return target.module.emmc;
  const others = seen.filter(({ exposed, module }) => exposed && module.board === target.module.board);
  const names = others.map((_, i) => `sd${String.fromCharCode(97 + i)}`);
  const elsewhere =
    names.length === 0
      ? ''
      : `; ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} of the same kind on another port`;
  throw new BringUpError(`Error loading USB device: no storage on ${busPort(target.id)}${elsewhere}`);
}

/** The text of a fault that has one of its own here. */
export function storageFault(fault: LateFault, node: NodeId): string | undefined {
  switch (fault) {
    case 'no-block-device':
      return `Error loading USB device: no storage on ${busPort(node)}`;
    case 'several-devices':
      return `Error loading USB device: 2 storage devices on ${busPort(node)}: sda, sdb`;
    case 'rpiboot-failed':
      return undefined;
  }
}

const DRIVERS: Readonly<Record<string, string>> = { rk1: 'Rockusb', cm4: 'rustpiboot' };
