import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import { Node1, type SecretSource } from '@turingpi/foundation';
import { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from '@turingpi/os-ubuntu';

/** What differs from one site to the next. */
export interface Site {
  readonly config: TuringPiConfig;
  readonly baseImage: string;
  readonly password: SecretSource;
  readonly sshKeys: readonly string[];
}

/** Takes the nodes of one board from a stock Ubuntu image to running an application. */
export async function provisionCluster(site: Site): Promise<void> {
  const cluster = await createTuringPi(site.config, { approve: 'new' }); // installing erases a disk

  const provision = cluster.run(async (ctx, node) => {
    const image = await ubuntuImage()
      .withBaseImage(site.baseImage)
      .withNetworkConfig({
        ipCidr: `${node.ipAddress}/24`,
        hostname: node.hostname,
        gateway: node.gateway,
        dnsServers: node.dnsServers,
      })
      .withPreInstall(async (image) => {
        await image.writeFile('/etc/my_app/config', 'data', { mode: 0o644 });
        await image.copyLocalFile('./files/script.sh', '/usr/local/bin/script.sh', { mode: 0o755 });
        await image.copyLocalFile('./files/my_app.service', '/etc/systemd/system/my_app.service');
      })
      .run(ctx);

    await ubuntuOsInstaller({ initialUserPassword: site.password })
      .usingImage(image)
      .withGenericConfig({ sshKeys: site.sshKeys, passwordAuthentication: true })
      .run(ctx);

    await ubuntuPostInstaller().runActions(ctx, async (local, remote) => {
      await local.copyFile('./app_binary', '/usr/local/bin/app', { toRemote: true, mode: 0o755 });
      await remote.runCommand('systemctl enable my_app');
      await remote.aptInstall('htop');
    });
  });

  await provision(Node1); // one node; a second argument takes { signal }
  const summary = await cluster.runAll(provision); // every configured node; Node1 is skipped, it is done
  for (const node of summary.nodes) if (node.outcome !== 'completed') throw node.error;
}
