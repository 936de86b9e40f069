import type { ModuleId } from '@turingpi/core/plugin';
import type { SshSession } from '@turingpi/runtime';

const LONGEST_NUMBER = 128;

/**
 * Prints, on one line each, the serial number that the device tree gives the module (ePAPR 2.3.6, `serial-number`) and the
 * CID of its eMMC (Documentation/driver-api/mmc/mmc-dev-attrs.rst of Linux). Either may be missing, as on a PC.
 */
export const READ_MODULE_ID = [
  'cat /sys/firmware/devicetree/base/serial-number 2>/dev/null || cat /proc/device-tree/serial-number 2>/dev/null;',
  'echo; cat /sys/block/mmcblk0/device/cid 2>/dev/null; true',
].join(' ');

/** Asks a node on which module it runs. What it does not tell is left out. */
export async function readModuleId(session: SshSession, signal: AbortSignal): Promise<ModuleId> {
  const { stdout } = await session.exec(READ_MODULE_ID, { signal, allowFailure: true, maxOutputBytes: 4096 });
  return parseModuleId(stdout);
}

/** Reads what {@link READ_MODULE_ID} printed. */
export function parseModuleId(text: string): ModuleId {
  const [serial, disk] = text.split('\n').map((line) => line.replaceAll('\0', '').trim());
  return {
    ...(isSerial(serial) && { serial }),
    ...(disk !== undefined && /^[0-9a-f]{32}$/i.test(disk) && { disk: disk.toLowerCase() }),
  };
}

/** Some boards have a field of zeros: that is no number of theirs. */
function isSerial(text: string | undefined): text is string {
  return text !== undefined && text.length <= LONGEST_NUMBER && /^[\w.:-]+$/.test(text) && !/^0+$/.test(text);
}
