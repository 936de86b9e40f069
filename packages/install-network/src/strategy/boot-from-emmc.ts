import type { BoardDriver, BoardOperation } from '@turingpi/provisioning';
import type { NodeWatch } from './node-watch.js';

/** Between keys: the boot loader counts down from one second or two. */
const PAUSE_MS = 300;
const LIMIT_MS = 90_000;

/**
 * Makes U-Boot start the eMMC once, whatever it would prefer: stops it, and tells it so on the serial console. Its settings
 * are not saved, as many cannot be.
 *
 * @param bootTarget - what it calls the eMMC, see `ModuleHardware`
 * @returns Whether it took the command.
 * @throws The reason of the signal.
 */
export async function bootFromEmmc(
  board: Pick<BoardDriver, 'sendConsoleLine'>,
  operation: BoardOperation,
  { watch, bootTarget }: { readonly watch: NodeWatch; readonly bootTarget: string },
): Promise<boolean> {
  const end = Date.now() + LIMIT_MS;
  while (Date.now() < end) {
    if (watch.state !== 'unseen') return true; // it starts it by itself
    if (await watch.until(() => watch.isAtBootLoader, PAUSE_MS, operation.signal)) {
      await board.sendConsoleLine(operation, `setenv boot_targets ${bootTarget}; boot`);
      return true;
    }
    await board.sendConsoleLine(operation, '');
  }
  return false;
}
