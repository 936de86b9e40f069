import type { Examination } from './examination.js';
import { type Finding, finding, fixable } from './finding.js';

/** A stored USB mode that keeps a node from booting, and where node 1's USB leads. */
export async function checkUsb({ client, signal }: Examination): Promise<readonly Finding[]> {
  const usb = await client.usb.get({ signal });
  const status = await client.transfer.status({ signal });
  const findings: Finding[] = [];
  if (usb.mode === 'flash') {
    const found = finding(
      'BMC_USB_MODE_FLASH',
      'warning',
      `the stored USB mode of node ${usb.node} is flash: the node does not boot from its storage, also after a restart of the BMC`,
      `\`turingpi node usb device --node ${usb.node}\` ends it.`,
    );
    // A transfer applies the stored mode when it ends; nothing is changed under it.
    findings.push(status.state === 'transferring' ? found : fixable(found, { kind: 'usb-to-device', usb }));
  } else {
    const place = usb.route === 'bmc' ? 'the BMC' : 'the USB port';
    findings.push(
      finding(
        'BMC_USB_MODE',
        'ok',
        `the stored USB mode is node ${usb.node} as ${usb.mode}, led to ${place}`,
      ),
    );
  }
  if (usb.bus === 'hub' && (await client.usb.node1UsesPort({ signal }))) {
    findings.push(
      finding(
        'BMC_USB_NODE1_ON_PORT',
        'note',
        'the USB of node 1 leads to the USB-A port, where the BMC cannot flash it',
        '`turingpi node flash` and `turingpi up` lead it to the BMC while they flash; other programs do not.',
      ),
    );
  }
  return findings;
}
