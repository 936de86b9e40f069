import { LocalUsbHost } from '@turingpi/usb-host';

const host = new LocalUsbHost();
try {
  for (const { path, sizeBytes, usedAt } of await host.listDevices(AbortSignal.timeout(10_000)))
    console.error(path, sizeBytes, usedAt.length > 0 ? 'in use' : 'free');
} catch (error) {
  console.error(error.code, error.hint); // only Linux and macOS tell
}
console.log(host.platform === process.platform); // → true
