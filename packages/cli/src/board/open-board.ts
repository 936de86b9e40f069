import { BMC_CLIENT } from '@turingpi/provisioning';
import { type BmcClient, type BmcClientOptions, HttpsBmcClient } from '@turingpi/bmc';
import { type EraseApproval, parseHost, secretText, type TuringPi } from '@turingpi/core';
import { CleanupStack, Secret } from '@turingpi/foundation';
import envPaths from 'env-paths';
import { configFileIn } from '../cluster/config-file-in.js';
import { findConfigFile, openCluster } from '../cluster/open-cluster.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { warningsOn } from './warnings-logger.js';

/** What the firmware calls itself on its network. */
export const USUAL_HOST = 'turingpi.local';

/** How commands that talk to the board name it. */
export interface BoardOptions {
  readonly config?: string;
  /** Name of the board, where the configuration has several. */
  readonly board?: string;
  readonly host?: string;
  readonly port?: number;
  /** Port of the page that needs no login. */
  readonly httpPort?: number;
  readonly user?: string;
  /** Nothing is asked of the board: no password is needed then. */
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** A board's client, with the folder in which this program keeps what belongs to it. Disposed with the command. */
export interface OpenedBoard extends AsyncDisposable {
  readonly client: BmcClient;
  readonly credentials: BmcClientOptions['credentials'];
  readonly cacheDir: string;
  /** Undefined when no configuration names the board. */
  readonly cluster: TuringPi | undefined;
}

/**
 * The client of the board that is meant: `--host`, else the configuration's, else `TPI_HOSTNAME`, else
 * `turingpi.local`. The password comes from the configuration or `TPI_PASSWORD`, never from the command line.
 *
 * @throws UsageError when a configuration and options that stand in for one are given
 */
export async function openBoard(
  options: BoardOptions,
  terminal: Terminal,
  approve?: EraseApproval,
): Promise<OpenedBoard> {
  const { environment } = terminal;
  const configFile = configurationMeant(options, terminal.cwd);
  if (configFile !== undefined) {
    const { cluster } = await openCluster(configFile, terminal, {
      debug: options.verbose === true,
      withoutSecrets: options.offline === true,
      board: options.board,
      ...(approve === undefined ? {} : { approve }),
    });
    const { bmc, cacheDir } = cluster.config;
    const client = cluster.registry.service(BMC_CLIENT);
    return withDisposal({ client, credentials: bmc, cacheDir, cluster });
  }
  const password = secretText(environment['TPI_PASSWORD'] ?? '');
  const cacheDir = envPaths('tpi', { suffix: '' }).cache;
  const credentials = {
    username: options.user ?? given(environment['TPI_USERNAME']) ?? 'root',
    password: password === '' ? undefined : new Secret(password),
  };
  const client = new HttpsBmcClient({
    endpoint: {
      host: options.host ?? hostGiven(environment['TPI_HOSTNAME']) ?? USUAL_HOST,
      port: options.port ?? portGiven(environment['TPI_PORT']) ?? 443,
      httpPort: options.httpPort ?? 80,
    },
    credentials,
    cacheDir,
    logger: warningsOn(terminal.stderr),
  });
  return withDisposal({ client, credentials, cacheDir, cluster: undefined });
}

/**
 * The configuration that names the board; undefined where options do, or nothing does.
 *
 * @returns Absolute.
 * @throws UsageError when a configuration and options that stand in for one are given
 */
export function configurationMeant(options: BoardOptions, cwd: string): string | undefined {
  const named = [options.host, options.port, options.httpPort, options.user].some((o) => o !== undefined);
  if (options.config === undefined) return named ? undefined : configFileIn(cwd);
  if (!named) return findConfigFile(options.config, cwd);
  throw new UsageError(
    'a configuration names the board already',
    'Give either --config, or --host with --port, --http-port and --user.',
  );
}

/** The client is let go first: what plugins have started may be what it stands on. */
function withDisposal(board: Omit<OpenedBoard, typeof Symbol.asyncDispose>): OpenedBoard {
  return {
    ...board,
    [Symbol.asyncDispose]: async () => {
      await using cleanup = new CleanupStack();
      if (board.cluster) cleanup.use('end of what plugins have started', board.cluster);
      cleanup.use("end of the board's client", board.client);
    },
  };
}

/** A variable's value; one that is empty is as good as none. */
export function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** The host that a variable names. @throws UsageError */
export function hostGiven(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const host = parseHost(text);
  if (host !== undefined) return host;
  throw new UsageError(
    `TPI_HOSTNAME is not an address or a host name: "${text}"`,
    'For example 192.168.1.90.',
  );
}

/** The port that a variable names. @throws UsageError */
export function portGiven(text: string | undefined): number | undefined {
  if (given(text) === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text ?? '') && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`TPI_PORT is not a port: "${text ?? ''}"`, 'A port is 1 to 65535.');
}
