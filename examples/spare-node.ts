import {
  createTuringPi,
  type CustomizedImage,
  type InstalledNode,
  type TuringPiConfig,
} from '@turingpi/core';
import { Node2, type SecretSource } from '@turingpi/foundation';
import { ubuntuImage, ubuntuOsInstaller } from '@turingpi/os-ubuntu';

/** Makes the image of a spare node while there is time. Nothing on the board is touched: keep what is returned. */
export async function prepareSpare(config: TuringPiConfig, baseImage: string): Promise<CustomizedImage> {
  await using cluster = await createTuringPi(config);
  const prepare = cluster.run((ctx) =>
    ubuntuImage().withBaseImage(baseImage).withCredentials({ timezone: 'Europe/Berlin' }).run(ctx),
  );
  return await prepare(Node2);
}

/** Installs the spare, perhaps weeks later and by another program: keys and password may be new. */
export async function installSpare(
  config: TuringPiConfig,
  image: CustomizedImage,
  login: { readonly password: SecretSource; readonly sshKeys: readonly string[] },
): Promise<InstalledNode> {
  await using cluster = await createTuringPi(config, { approve: 'new' }); // installing erases a disk
  const install = cluster.run((ctx) =>
    ubuntuOsInstaller({ initialUserPassword: login.password })
      .usingImage(image)
      .withGenericConfig({ sshKeys: login.sshKeys })
      .run(ctx),
  );
  return await install(Node2);
}
