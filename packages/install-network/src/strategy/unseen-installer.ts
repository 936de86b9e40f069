import type { NodeId } from '@turingpi/foundation';
import { NetworkInstallError } from '../network-install-error.js';
import type { NodeWatch } from './node-watch.js';

/** What may have kept an installer from being seen. @param callHomeMs - how long it was waited for */
export function whyUnseen(node: NodeId, callHomeMs: number, watch: Pick<NodeWatch, 'isOther'>): string {
  return watch.isOther
    ? `another system started on node ${node}, as one on an NVMe does that its boot loader prefers`
    : `nothing was seen of the installer on node ${node} within ${Math.round(callHomeMs / 1000)} s: its boot loader did not start it, or a firewall of this computer keeps it away`;
}

/** The end of an installation to an NVMe of which nothing was seen: the controller can write only an eMMC instead. */
export function installerUnseen(
  node: NodeId,
  callHomeMs: number,
  watch: Pick<NodeWatch, 'isOther' | 'console'>,
): NetworkInstallError {
  return new NetworkInstallError('INSTALLER_UNSEEN', whyUnseen(node, callHomeMs, watch), {
    hint: `Its NVMe was not touched; its eMMC has the installer by now. \`turingpi node uart --node ${node} --follow\` shows what starts. Through the controller only the eMMC can be installed: leave \`install.target\` out for that.`,
    details: { node, console: watch.console },
  });
}
