import type { SshSession } from '@turingpi/runtime';

/** What a running Raspberry Pi tells about its boot EEPROM; undefined is what it does not tell. */
export interface EepromState {
  readonly built: Date | undefined;
  /** `BOOT_ORDER`, for example `0xf25641`: one digit for each way to boot, tried from the right. */
  readonly bootOrder: string | undefined;
}

/** Seconds since the epoch, big-endian; every EEPROM since 2020 leaves it for the kernel. */
const BUILT = '/proc/device-tree/chosen/bootloader/build-timestamp';
const EMMC = '1';

/** Asks a node over SSH. Neither needs root; the second needs Raspberry Pi's tools in the node's system. */
export async function readEeprom(session: SshSession, signal: AbortSignal): Promise<EepromState> {
  const ask = async (command: readonly string[]): Promise<string | undefined> => {
    const { exitCode, stdout } = await session.exec([...command], { signal, allowFailure: true });
    return exitCode === 0 ? stdout : undefined;
  };
  const timestamp = parseBytes(await ask(['od', '-An', '-v', '-tx1', BUILT]));
  const seconds = timestamp ?? parseVersion(await ask(['vcgencmd', 'bootloader_version']));
  const settings = await ask(['vcgencmd', 'bootloader_config']);
  return {
    built: seconds === undefined ? undefined : new Date(seconds * 1000),
    bootOrder: /^BOOT_ORDER=(0x[0-9a-f]+)\s*$/im.exec(settings ?? '')?.[1]?.toLowerCase(),
  };
}

/** Whether the eMMC is among the ways to boot; digits as in Raspberry Pi's documentation of the EEPROM. */
export function bootsFromEmmc(bootOrder: string): boolean {
  return bootOrder.slice('0x'.length).includes(EMMC);
}

function parseBytes(text: string | undefined): number | undefined {
  const hex = (text ?? '').replaceAll(/\s+/g, '');
  if (!/^[0-9a-f]{8}$/.test(hex)) return undefined;
  return positive(Number.parseInt(hex, 16));
}

function parseVersion(text: string | undefined): number | undefined {
  return positive(Number(/^timestamp (\d{1,10})$/m.exec(text ?? '')?.[1] ?? 0));
}

function positive(seconds: number): number | undefined {
  return seconds > 0 ? seconds : undefined;
}
