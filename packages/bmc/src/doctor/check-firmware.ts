import type { Examination } from './examination.js';
import { type Finding, finding } from './finding.js';

/** Which firmware it is, and what that means for flashing. */
export async function checkFirmware({ client, signal }: Examination): Promise<readonly Finding[]> {
  const able = await client.capabilities({ signal });
  const { bmcdVersion = 'of an unknown version', profile } = able;
  if (profile === 'unknown') {
    return [
      finding(
        'BMC_FIRMWARE_UNKNOWN',
        'note',
        `the daemon, bmcd ${bmcdVersion}, is none whose behaviour is known`,
        'It is used as the nearest known one. Firmware 2.1.0 (bmcd 2.3.4) and newer is best known.',
      ),
    ];
  }
  if (!able.decodesXz) {
    return [
      finding(
        'BMC_FIRMWARE_OLD',
        'note',
        `bmcd ${bmcdVersion} knows no xz, no SHA-256 and no downloads: images are decompressed here and only read back there`,
        'Firmware 2.1.0 or newer checks what it receives; `turingpi bmc firmware FILE.tpu` installs it.',
      ),
    ];
  }
  return [
    finding('BMC_FIRMWARE', 'ok', `bmcd ${bmcdVersion} decodes xz, checks SHA-256, downloads by itself`),
  ];
}
