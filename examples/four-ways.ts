import { type ClusterSummary, createTuringPi, type TuringPiConfig, type Workflow } from '@turingpi/core';
import type { NodeId, SecretSource } from '@turingpi/foundation';
import { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from '@turingpi/os-ubuntu';

/** What the four nodes have in common. */
export interface Common {
  readonly baseImage: string;
  readonly password: SecretSource;
  readonly sshKeys: readonly string[];
}

/** Provisions the four nodes of a board, each in a way of its own, in one run. */
export async function provisionInFourWays(config: TuringPiConfig, common: Common): Promise<ClusterSummary> {
  const { baseImage, password, sshKeys } = common;
  const ways: Record<NodeId, Workflow> = {
    // Keys alone, and everything that it needs in its image.
    1: async (ctx) => {
      const image = await ubuntuImage()
        .withBaseImage(baseImage)
        .withCredentials({ username: 'admin', sshKeys })
        .withPreInstall((files) => files.writeFile('/etc/role', 'gateway\n'))
        .run(ctx);
      await ubuntuOsInstaller().usingImage(image).run(ctx);
    },
    // The same image for everybody, and what makes the difference over SSH.
    2: async (ctx) => {
      const image = await ubuntuImage().withBaseImage(baseImage).run(ctx);
      await ubuntuOsInstaller({ initialUserPassword: password })
        .usingImage(image)
        .withGenericConfig({ sshKeys })
        .run(ctx);
      await ubuntuPostInstaller().runActions(ctx, async (_local, remote) => {
        await remote.writeFile('/etc/role', 'worker\n');
        await remote.aptInstall('htop');
      });
    },
    // The accounts as the image ships them: the password is changed at the first login.
    3: async (ctx) => {
      const image = await ubuntuImage().withBaseImage(baseImage).run(ctx);
      await ubuntuOsInstaller({ initialUserPassword: password, firstLogin: {} }).usingImage(image).run(ctx);
    },
    // Installed and switched on, and not waited for.
    4: async (ctx, node) => {
      const image = await ubuntuImage()
        .withBaseImage(baseImage)
        .withNetworkConfig({ hostname: `spare-${node.id}`, dhcp4: true })
        .withCredentials({ sshKeys })
        .run(ctx);
      await ubuntuOsInstaller({ skipBootWait: true }).usingImage(image).run(ctx);
    },
  };
  await using cluster = await createTuringPi(config, { approve: 'new' }); // installing erases a disk
  return await cluster.runAll(cluster.run((ctx, node) => ways[node.id](ctx, node)));
}
