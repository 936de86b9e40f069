import path from 'node:path';
import {
  ConfigError,
  type ConfigFile,
  createLogger,
  createTuringPi,
  expandHome,
  type EraseApproval,
  type TuringPi,
  type TuringPiConfig,
} from '@turingpi/core';
import { loadConfig, createDeclaredTuringPi } from '@turingpi/provisioning';
import type { NodeId } from '@turingpi/foundation';
import { COMMANDS } from '../plugin/commands.js';
import { openLogFile } from '../process/log-file.js';
import { PROGRAM_DIR } from '../process/program-dir.js';
import type { Terminal } from '../process/terminal.js';
import { CONFIG_FILES, configFileIn } from './config-file-in.js';

/** A cluster opened from a configuration file, with the file for messages about its keys. Disposed with the command. */
export interface OpenedCluster extends AsyncDisposable {
  readonly cluster: TuringPi;
  readonly file: ConfigFile;
}

/** The declared workflow is about to run, for these nodes or for all. */
export interface DeclaredRun {
  readonly nodes: readonly NodeId[] | undefined;
}

/**
 * Opens the configuration that `-c` names, else `turingpi.yaml` (`.yml`, `.json`) in the working directory. The
 * environment variables of the official tool fill in what the file leaves out.
 *
 * @param options - with `declared`, everything that is wrong in the `workflow` section is found as well; `change` makes
 * another configuration of what is written
 * @throws ConfigError
 */
export async function openCluster(
  configFile: string | undefined,
  terminal: Terminal,
  options: {
    readonly debug?: boolean;
    readonly approve?: EraseApproval;
    readonly declared?: DeclaredRun;
    readonly change?: (input: unknown) => unknown;
  } = {},
): Promise<OpenedCluster> {
  const file = await loadConfig(findConfigFile(configFile, terminal.cwd));
  const { declared } = options;
  const create = declared === undefined ? createTuringPi : createDeclaredTuringPi;
  const input = withEnvironment(file.input, terminal.environment);
  const cluster = await create((options.change?.(input) ?? input) as TuringPiConfig, {
    ...(declared?.nodes === undefined ? {} : { nodes: declared.nodes }),
    baseDir: file.baseDir,
    source: file.source,
    placeOf: file.placeOf,
    programDir: PROGRAM_DIR,
    extensionPoints: [COMMANDS],
    environment: terminal.environment,
    ...(options.approve === undefined ? {} : { approve: options.approve }),
    logger: (config) =>
      createLogger({
        level: options.debug === true ? 'debug' : 'info',
        destination: openLogFile(path.join(config.cacheDir, 'turingpi.log'), (message) =>
          terminal.stderr.write(`warning: ${message}\n`),
        ),
      }),
  });
  return { cluster, file, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

/** @throws ConfigError `CONFIG_NOT_FOUND`. */
export function findConfigFile(configFile: string | undefined, cwd: string): string {
  if (configFile !== undefined) return path.resolve(cwd, expandHome(configFile));
  const found = configFileIn(cwd);
  if (found !== undefined) return found;
  throw new ConfigError('CONFIG_NOT_FOUND', `there is no ${CONFIG_FILES[0]} in ${cwd}`, {
    hint: 'Name a configuration file with -c, or run `turingpi demo` for a working example.',
  });
}

/** What the official tool's TPI_* variables say, where the configuration says nothing. */
export function withEnvironment(
  input: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const config = input as Record<string, unknown>;
  const bmc = (typeof config['bmc'] === 'object' ? config['bmc'] : {}) as Record<string, unknown> | null;
  const { TPI_HOSTNAME, TPI_PORT, TPI_USERNAME, TPI_PASSWORD } = environment;
  return {
    ...(TPI_HOSTNAME ? { ip: TPI_HOSTNAME } : {}),
    ...config,
    ...(bmc === null
      ? {}
      : {
          bmc: {
            ...(TPI_PORT ? { port: Number(TPI_PORT) } : {}),
            ...(TPI_USERNAME ? { username: TPI_USERNAME } : {}),
            ...(TPI_PASSWORD ? { password: { env: 'TPI_PASSWORD' } } : {}),
            ...bmc,
          },
        }),
  };
}
