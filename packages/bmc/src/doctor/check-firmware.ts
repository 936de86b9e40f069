import type { BmcClient } from '../client/bmc-client.js';
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
        'Firmware 2.1.0 or newer checks what it receives; `turingpi board firmware FILE.tpu` installs it.',
      ),
    ];
  }
  const findings: Finding[] = [];
  if (able.refusesRk1OnHub && (await client.usb.get({ signal })).bus === 'hub') {
    findings.push(
      finding(
        'BMC_FIRMWARE_REFUSES_RK1',
        'warning',
        `bmcd ${bmcdVersion} cannot flash an RK1 on boards from v2.5 on: it looks for it on the wrong bus`,
        'Upgrade the firmware of the BMC to v2.24.0 or newer.',
      ),
    );
  }
  if (able.firmwareSlots) findings.push(...(await staged(client, signal)));
  return [
    ...findings,
    finding('BMC_FIRMWARE', 'ok', `bmcd ${bmcdVersion} decodes xz, checks SHA-256, downloads by itself`),
  ];
}

/** Firmware that waits for the next boot: it then runs on trial, and is kept only when the daemon comes up. */
async function staged(client: BmcClient, signal: AbortSignal | undefined): Promise<readonly Finding[]> {
  const slots = await client.board.firmwareSlots({ signal });
  if (!slots.isStaged) return [];
  return [
    finding(
      'BMC_FIRMWARE_STAGED',
      'note',
      `firmware ${slots.staged ?? 'of an unknown version'} waits for the next restart of the BMC; ${slots.running ?? 'another one'} runs`,
      '`turingpi board reboot` takes it.',
    ),
  ];
}
