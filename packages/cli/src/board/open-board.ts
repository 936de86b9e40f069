import { existsSync } from 'node:fs';
import path from 'node:path';
import { BMC_CLIENT, type BmcClient, HttpsBmcClient } from '@turingpi/bmc';
import { Secret, silentLogger } from '@turingpi/core';
import envPaths from 'env-paths';
import { openCluster } from '../cluster/open-cluster.js';
import type { Terminal } from '../process/terminal.js';

/** How commands that talk to the board name it. */
export interface BoardOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * The client of the board that is meant: `--host`, else the configuration's, else `TPI_HOSTNAME`, else
 * `turingpi.local`. The password comes from the configuration or `TPI_PASSWORD`, never from the command line.
 */
export async function openBoard(options: BoardOptions, terminal: Terminal): Promise<BmcClient> {
  const { environment, cwd } = terminal;
  const configured =
    options.config !== undefined ||
    (options.host === undefined && existsSync(path.join(cwd, 'turingpi.yaml')));
  if (configured) {
    const { cluster } = await openCluster(options.config, terminal, { debug: options.verbose === true });
    return cluster.registry.service(BMC_CLIENT);
  }
  const password = environment['TPI_PASSWORD'];
  return new HttpsBmcClient({
    endpoint: {
      host: options.host ?? environment['TPI_HOSTNAME'] ?? 'turingpi.local',
      port: options.port ?? Number(environment['TPI_PORT'] ?? 443),
      httpPort: 80,
    },
    credentials: {
      username: options.user ?? environment['TPI_USERNAME'] ?? 'root',
      password: password === undefined ? undefined : new Secret(password),
    },
    cacheDir: envPaths('tpi', { suffix: '' }).cache,
    logger: silentLogger,
  });
}
