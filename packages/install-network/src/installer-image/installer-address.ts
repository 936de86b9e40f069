import type { CustomizedImage, Node } from '@turingpi/core/plugin';
import type { InstallerSettings } from './installer-settings.js';

/**
 * The address of a node while its installer runs: the one that it will have anyway, on the VLAN that its image was asked to
 * work in.
 *
 * @remarks Also where the image is to ask a DHCP server: the node is looked for at the address of the configuration in any case.
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
    ...(typeof vlan === 'number' && { vlan }),
  };
}
