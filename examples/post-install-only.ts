import { type ConfiguredNode, createTuringPi, type TuringPiConfig } from '@turingpi/core';
import { Node2 } from '@turingpi/foundation';
import { ubuntuPostInstaller } from '@turingpi/os-ubuntu';

/** Brings a new version of the application to a node that another program has installed. */
export async function updateApplication(
  config: TuringPiConfig,
  application: string,
): Promise<ConfiguredNode> {
  await using cluster = await createTuringPi(config); // the same cacheDir; nothing is erased, nothing to approve

  const update = cluster.run((ctx) =>
    ubuntuPostInstaller().runActions(ctx, async (local, remote) => {
      await local.copyFile(application, '/usr/local/bin/app', { toRemote: true, mode: 0o755 });
      await remote.runCommand('systemctl enable my_app', { onRepeat: 'run' });
    }),
  );
  return await update(Node2); // before the cluster ends
}
