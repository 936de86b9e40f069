import type { OtherNodes } from '@turingpi/bmc';
import type { TuringPi } from '@turingpi/core';
import { isInstallationRunning } from '@turingpi/provisioning';

/** What the records say of other nodes, asked of the nodes themselves: one that proves itself by its key runs. */
export function recordedNodes(cluster: TuringPi): OtherNodes {
  return {
    isRunning: async (id, signal = new AbortController().signal) => {
      const other = await cluster.installedNode(id);
      return other !== undefined && isInstallationRunning(other, cluster.registry, signal);
    },
  };
}
