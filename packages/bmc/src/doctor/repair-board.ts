import { withNamedNodes } from '@turingpi/foundation';
import type { BmcClient } from '../client/bmc-client.js';
import { BmcError } from '../errors/bmc-error.js';
import type { Finding } from './finding.js';

/**
 * Undoes what a diagnosis found and called fixable. What switches nodes off must have been confirmed by the caller.
 *
 * @returns what was done, one line each
 * @throws BmcError BMC_FLASH_BUSY when a transfer is running: nothing is changed then
 */
export async function repairBoard(
  client: BmcClient,
  findings: readonly Finding[],
  options: { readonly signal?: AbortSignal; readonly onWait?: (note: string) => void } = {},
): Promise<readonly string[]> {
  const repairs = findings.flatMap(({ repair }) => repair ?? []);
  if (repairs.length === 0) return [];
  const named = repairs.flatMap((repair) => (repair.kind === 'power-off' ? repair.nodes : []));
  const { signal } = options;
  const work = () => withNamedNodes(named, 'repair', () => repairAll(client, repairs, signal));
  return await client.withBoard(work, options);
}

async function repairAll(
  client: BmcClient,
  repairs: readonly NonNullable<Finding['repair']>[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const status = await client.transfer.status({ signal });
  if (status.state === 'transferring') {
    throw new BmcError('BMC_FLASH_BUSY', 'a transfer is running on the BMC now, so nothing was changed', {
      hint: 'Wait until it is done, then look again.',
    });
  }
  const done: string[] = [];
  for (const repair of repairs) {
    if (repair.kind === 'power-off') {
      await client.power.set(Object.fromEntries(repair.nodes.map((id) => [id, false])), { signal });
      done.push(`node ${repair.nodes.join(', ')} is off`);
    }
  }
  // Sending it again, even unchanged, leads USB back and lowers the boot pins.
  const usb = await client.usb.get({ signal });
  const mode = usb.mode === 'flash' ? 'device' : usb.mode;
  await client.usb.set({ node: usb.node, route: usb.route, mode }, { signal });
  await client.usb.clearBootPins({ signal });
  done.push(`the USB mode is node ${usb.node} as ${mode}, the USB-boot pins are low`);
  return done;
}
