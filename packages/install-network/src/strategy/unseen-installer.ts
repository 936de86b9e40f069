import type { Node } from '@turingpi/core/plugin';
import { describeHostFirewall, readHostFirewall } from '@turingpi/provisioning';
import { NetworkInstallError } from '../network-install-error.js';
import type { NodeWatch } from './node-watch.js';

/**
 * What may have kept an installer from being seen.
 *
 * @param callHomeMs - how long it was waited for
 * @throws The reason of the signal.
 */
export async function whyUnseen(
  { id, ipAddress }: Pick<Node, 'id' | 'ipAddress'>,
  callHomeMs: number,
  watch: Pick<NodeWatch, 'isOther'>,
  signal: AbortSignal,
): Promise<string> {
  if (watch.isOther)
    return `another system started on node ${id}, as one on an NVMe does that its boot loader prefers`;
  const firewall = describeHostFirewall(await readHostFirewall(signal), ipAddress);
  return `nothing was seen of the installer on node ${id} within ${Math.round(callHomeMs / 1000)} s: its boot loader did not start it, or it was not let in (${firewall})`;
}

/** The end of an installation to an NVMe of which nothing was seen: the controller can write only an eMMC instead. */
export async function installerUnseen(
  node: Pick<Node, 'id' | 'ipAddress'>,
  callHomeMs: number,
  watch: Pick<NodeWatch, 'isOther' | 'console'>,
  signal: AbortSignal,
): Promise<NetworkInstallError> {
  return new NetworkInstallError('INSTALLER_UNSEEN', await whyUnseen(node, callHomeMs, watch, signal), {
    hint: `Its NVMe was not touched; its eMMC has the installer by now. \`turingpi node uart --node ${node.id} --follow\` shows what starts. Through the controller only the eMMC can be installed: leave \`install.target\` out for that.`,
    details: { node: node.id, console: watch.console },
  });
}
