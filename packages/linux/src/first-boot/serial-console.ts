import type { ImageFiles } from '@turingpi/image';

/** Switches the serial console on: without it the BMC's UART shows nothing. Settings of the image's owner stay. */
export async function enableSerialConsole(firmware: ImageFiles): Promise<void> {
  const text = await firmware.readText('/config.txt');
  if (text === undefined || /^\s*enable_uart\s*=/m.test(text)) return;
  await firmware.writeFile('/config.txt', `${text.replace(/\n*$/, '\n')}\n[all]\nenable_uart=1\n`);
}
