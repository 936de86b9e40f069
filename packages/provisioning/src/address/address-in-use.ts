import type { Context } from '@turingpi/core/plugin';
import { ProvisioningError } from '../provisioning-error.js';

/** The error for an address that a node is to have and somebody else has. */
export function addressInUse(
  { id, hostname }: Context['node'],
  address: string,
  whose: string,
): ProvisioningError {
  return new ProvisioningError(
    'ADDRESS_IN_USE',
    `${address}, which is to be that of ${hostname} (node ${id}), is that of ${whose}`,
    {
      hint: `The node keeps the network that it has. Give it another address, or take ${address} from that machine.`,
      details: { node: id, address },
    },
  );
}
