import { CLUSTER_CONFIG, type ClusterConfig, inject, injectable, LOGGER } from '@turingpi/core/plugin';
import type { Logger } from '@turingpi/foundation';
import { HttpsBmcClient } from '@turingpi/bmc';

/** The client of the board that the cluster's configuration names. */
@injectable()
export class ConfiguredBmcClient extends HttpsBmcClient {
  constructor(@inject(CLUSTER_CONFIG) config: ClusterConfig, @inject(LOGGER) logger: Logger) {
    const { username, password, port, httpPort, ...pins } = config.bmc;
    super({
      endpoint: { host: config.ip, port, httpPort },
      credentials: { username, password },
      pins,
      cacheDir: config.cacheDir,
      logger,
    });
  }
}
