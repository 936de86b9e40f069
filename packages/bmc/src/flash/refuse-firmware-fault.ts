import type { NodeId } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';
import type { FlashApis } from './flash-apis.js';

/**
 * Refuses a flash that the firmware of the board cannot do, before anything is touched: daemons 2.22 to 2.32 compare
 * the numbers of two buses, and so refuse every RK1 on boards with a hub
 * (docs/reference/bmc-protocol.md, "Fork: modules and ports").
 *
 * @param target - a node, and the board type of its module where it is known
 * @throws BmcError BMC_FLASH_FIRMWARE_FAULT
 */
export async function refuseFirmwareFault(
  { node, module }: { readonly node: NodeId; readonly module?: string | undefined },
  apis: Pick<FlashApis, 'capabilities' | 'usb'>,
  options: CallOptions,
): Promise<void> {
  if (module !== undefined && module !== 'rk1') return;
  const { refusesRk1OnHub, bmcdVersion } = await apis.capabilities(options);
  if (!refusesRk1OnHub || (await apis.usb.get(options)).bus === 'single') return;
  throw new BmcError(
    'BMC_FLASH_FIRMWARE_FAULT',
    `bmcd ${bmcdVersion} refuses every RK1 on boards from v2.5 on, and node ${node} is one${module === undefined ? ' for all that is known' : ''}`,
    {
      hint: `Nothing was changed. Upgrade the firmware of the BMC to v2.24.0 or newer${module === undefined ? ', or say that it is another module (`--module cm4`)' : ''}.`,
      details: { node, bmcdVersion },
    },
  );
}
