import type { BmcClient } from '@turingpi/bmc';
import { createToken, type Token } from '@turingpi/core/plugin';
import type { ImageEngine } from '@turingpi/image/customization';
import type { LocalRuntime, SshRuntime } from '@turingpi/runtime';
import type { UsbHost } from '@turingpi/usb-host';
import type { NetworkLimits } from '../address/network-limits.js';
import type { NodeAddresses } from '../address/node-addresses.js';

/** What opens and edits images. */
export const IMAGE_ENGINE: Token<ImageEngine> = createToken<ImageEngine>('image:ImageEngine');

/** The client of the cluster's board. */
export const BMC_CLIENT: Token<BmcClient> = createToken<BmcClient>('bmc:BmcClient');

/** What connects to nodes. */
export const SSH_RUNTIME: Token<SshRuntime> = createToken<SshRuntime>('runtime:SshRuntime');

/** What runs programs on the user's computer. */
export const LOCAL_RUNTIME: Token<LocalRuntime> = createToken<LocalRuntime>('runtime:LocalRuntime');

/** The user's computer at the other end of a USB cable. */
export const USB_HOST: Token<UsbHost> = createToken<UsbHost>('usb-host:UsbHost');

/** Where nodes are while a run changes their addresses. */
export const NODE_ADDRESSES: Token<NodeAddresses> = createToken<NodeAddresses>('provisioning:NodeAddresses');

/** How long changes of a node's network may take. */
export const NETWORK_LIMITS: Token<NetworkLimits> = createToken<NetworkLimits>('provisioning:NetworkLimits');
