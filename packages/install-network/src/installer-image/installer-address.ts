import type { CustomizedImage, Node } from '@turingpi/core/plugin';
import type { InstallerSettings } from './installer-settings.js';

/**
 * The address of a node while its installer runs: the one that it will have anyway, on the VLAN that its image was asked to
 * work in.
 *
 * @remarks Where the image is to ask a DHCP server, the installer asks it too. When it gets no answer it takes the address of
 * the configuration: the node is looked for there in any case.
 */
export function installerAddress(
  {
    ipAddress,
    prefixLength,
    gateway,
    onLink,
  }: Pick<Node, 'ipAddress' | 'prefixLength' | 'gateway' | 'onLink'>,
  { inputs }: Pick<CustomizedImage, 'inputs'>,
): InstallerSettings['address'] {
  const vlan = inputs?.['network.vlan'];
  return {
    ip: ipAddress,
    prefixLength,
    gateway,
    onLink: onLink === true,
    dhcp: asksDhcp(inputs ?? {}),
    ...(typeof vlan === 'number' && { vlan }),
  };
}

/** As an image's network settings mean it: DHCP where they say so, or have no address. */
function asksDhcp(inputs: NonNullable<CustomizedImage['inputs']>): boolean {
  if (inputs['network.hostname'] === undefined || inputs['network.address'] !== undefined) return false;
  return inputs['network.dhcp4'] === true || !Object.hasOwn(inputs, 'network.address6');
}
