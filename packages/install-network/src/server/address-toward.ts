import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { NetworkInstallError } from '../network-install-error.js';

/** Any: nothing is sent to it. */
const PORT = 9;

/**
 * The address of this computer that packets to another address leave from, by the routes that there are now.
 *
 * @param address - IPv4
 * @throws NetworkInstallError `INSTALLER_NO_ROUTE`.
 */
export async function addressToward(address: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(PORT, address);
    await once(socket, 'connect');
    return socket.address().address;
  } catch (cause) {
    throw new NetworkInstallError('INSTALLER_NO_ROUTE', `this computer has no route to ${address}`, {
      cause,
      hint: 'Installing over the network needs this computer in reach of the nodes. Connect it, or use the strategy `flash`.',
    });
  } finally {
    socket.close();
  }
}
