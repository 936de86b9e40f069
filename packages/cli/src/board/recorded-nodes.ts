import type { OtherNodes } from '@turingpi/bmc';
import type { TuringPi } from '@turingpi/core';
import { SSH_PORT } from '@turingpi/runtime';
import { SSH_RUNTIME } from '@turingpi/provisioning';

/** What the records say of other nodes, asked of the nodes themselves: one that shows its own host key runs. */
export function recordedNodes(cluster: TuringPi): OtherNodes {
  return {
    isRunning: async (id, signal = new AbortController().signal) => {
      const other = await cluster.installedNode(id);
      if (other === undefined || other.installed.hostKeys.length === 0) return false;
      const { node, installed } = other;
      const { host = node.ipAddress, port = SSH_PORT } = node.config.ssh ?? {};
      const ssh = cluster.registry.service(SSH_RUNTIME);
      const { answer } = await ssh.askHostKey({ host, port, hostKeys: installed.hostKeys }, { signal });
      return answer === 'expected';
    },
  };
}
