import { setTimeout as sleep } from 'node:timers/promises';
import type { FlashJobParts } from './flash-job-parts.js';
import { timeLimit } from '../session/time-limit.js';
import type { TransferRecord } from './transfer-journal.js';

/**
 * After `Done`: the daemon has switched the node off and led USB back before it said so. What only we can undo is undone,
 * and the record of the transfer is forgotten.
 *
 * @remarks
 * The flash is a success already: nothing here fails it, and a transfer that somebody has begun since is left alone. It
 * needs the board's own time limit rather than the caller's signal.
 *
 * @returns what could not be done, for the user
 */
export async function settleBoard(record: TransferRecord, parts: FlashJobParts): Promise<readonly string[]> {
  const { apis, journal, timings, logger } = parts;
  const { node, node1UsedPort } = record;
  const options = { signal: timeLimit(timings.recoveryMs) };
  const remarks: string[] = [];
  const isFree = async () => (await apis.transfer.status(options)).state !== 'transferring';
  try {
    if (!(await isOff())) {
      // Firmware that leaves the node on, or somebody who has switched it on since.
      if (await isFree()) await apis.power.off(node, options);
      if (!(await isOff())) remarks.push(`node ${node} is on: another client uses the board`);
    }
    if (node1UsedPort) {
      if (await isFree()) await apis.usb.setNode1UsesPort(true, options);
      else
        remarks.push(
          'the USB of node 1 was left to the BMC: a transfer of another client is running. `turingpi doctor` tells how to lead it back',
        );
    }
    await journal.clear();
  } catch (cause) {
    logger.warn({ cause, node }, 'could not look at the board after a flash');
    remarks.push(`the board did not answer after the flash: see that node ${node} is off`);
  }
  return remarks;

  async function isOff(): Promise<boolean> {
    const until = performance.now() + timings.settleMs;
    for (;;) {
      if ((await apis.power.get(options))[node] === 'off') return true;
      if (performance.now() > until) return false;
      await sleep(Math.min(timings.pollMs, 250), undefined, options);
    }
  }
}
