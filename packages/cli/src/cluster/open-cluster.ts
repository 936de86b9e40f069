import path from 'node:path';
import {
  type BoardInput,
  type BoardSetConfig,
  ConfigError,
  type ConfigFile,
  createBoardSet,
  createLogger,
  createTuringPi,
  type CreateTuringPiOptions,
  expandHome,
  type EraseApproval,
  hasBoards,
  type TuringPi,
} from '@turingpi/core';
import { loadConfig, createDeclaredTuringPi } from '@turingpi/provisioning';
import type { NodeId } from '@turingpi/foundation';
import { COMMANDS } from '../plugin/commands.js';
import { openLogFile } from '../process/log-file.js';
import { PROGRAM_DIR } from '../process/program-dir.js';
import type { Terminal } from '../process/terminal.js';
import { CONFIG_FILES, configFileIn } from './config-file-in.js';
import { fetchNamedKeys } from './fetch-named-keys.js';
import { boardMeant } from './several-boards.js';

/** A configuration file, of one board or of one of several, for messages about its keys. */
export interface BoardFile extends ConfigFile {
  /** How a key of the board is called in the file. */
  readonly pathInWhole?: BoardInput['pathInWhole'];
}

/** A cluster opened from a configuration file, with the file. Disposed with the command. */
export interface OpenedCluster extends AsyncDisposable {
  readonly cluster: TuringPi;
  readonly file: BoardFile;
}

/** The declared workflow is about to run, for these nodes or for all. */
export interface DeclaredRun {
  readonly nodes: readonly NodeId[] | undefined;
}

export interface OpenClusterOptions {
  readonly debug?: boolean;
  readonly approve?: EraseApproval;
  /** Everything that is wrong in the `workflow` section is found as well. */
  readonly declared?: DeclaredRun;
  /** Which of several boards is meant. */
  readonly board?: string | undefined;
  /** Any of several boards will do: what they share is asked about. */
  readonly anyBoard?: boolean;
  /** Only what is on this computer is looked at: no password is needed for that. */
  readonly withoutSecrets?: boolean;
}

/**
 * Opens the configuration that `-c` names, else `turingpi.yaml` (`.yml`, `.json`) in the working directory; of several
 * boards the one that is meant. The environment variables of the official tool fill in what the file leaves out.
 *
 * @throws ConfigError; UsageError where it has several boards, and none is named.
 */
export async function openCluster(
  configFile: string | undefined,
  terminal: Terminal,
  options: OpenClusterOptions = {},
): Promise<OpenedCluster> {
  const file = await loadConfig(findConfigFile(configFile, terminal.cwd));
  const { name, pathInWhole } = boardMeant(file, options.board, options.anyBoard);
  const { approve, declared } = options;
  if (declared !== undefined) await fetchNamedKeys(file, terminal);
  const boards = await createBoardSet(
    withEnvironment(file.input, terminal.environment) as BoardSetConfig,
    { ...openingOf(file, terminal, options), only: [name] },
    (input, given) => {
      const how = { ...given, ...(approve === undefined ? {} : { approve }) };
      if (declared === undefined) return createTuringPi(input, how);
      return createDeclaredTuringPi(input, { ...how, ...(declared.nodes && { nodes: declared.nodes }) });
    },
  );
  return {
    cluster: boards.cluster(name),
    file: { ...file, pathInWhole },
    [Symbol.asyncDispose]: () => boards[Symbol.asyncDispose](),
  };
}

/** How any configuration is opened by a command. */
export function openingOf(
  { baseDir, source, placeOf }: ConfigFile,
  terminal: Terminal,
  { debug = false, withoutSecrets = false }: Pick<OpenClusterOptions, 'debug' | 'withoutSecrets'>,
): Omit<CreateTuringPiOptions, 'approve' | 'board'> {
  return {
    ...{ baseDir, source, placeOf, withoutSecrets },
    programDir: PROGRAM_DIR,
    extensionPoints: [COMMANDS],
    environment: terminal.environment,
    logger: ({ cacheDir }) => {
      const file = path.join(cacheDir, 'turingpi.log');
      const warn = (message: string) => terminal.stderr.write(`warning: ${message}\n`);
      const logger = createLogger({
        level: debug ? 'debug' : 'info',
        destination: openLogFile(file, warn),
      });
      terminal.logs?.set(file, logger);
      return logger;
    },
  };
}

/** @throws ConfigError `CONFIG_NOT_FOUND`. */
export function findConfigFile(configFile: string | undefined, cwd: string): string {
  if (configFile !== undefined) return path.resolve(cwd, expandHome(configFile));
  const found = configFileIn(cwd);
  if (found !== undefined) return found;
  throw new ConfigError('CONFIG_NOT_FOUND', `there is no ${CONFIG_FILES[0]} in ${cwd}`, {
    hint: 'Make one with `turingpi init`, or name one with -c; `turingpi demo` leaves a working example.',
  });
}

/** What the official tool's TPI_* variables say, where the configuration says nothing. They are about one board. */
export function withEnvironment(
  input: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const several = hasBoards(input);
  const config = input as Record<string, unknown>;
  const bmc = (typeof config['bmc'] === 'object' ? config['bmc'] : {}) as Record<string, unknown> | null;
  const { TPI_HOSTNAME, TPI_PORT, TPI_USERNAME, TPI_PASSWORD } = environment;
  return {
    ...(TPI_HOSTNAME && !several ? { ip: TPI_HOSTNAME } : {}),
    ...config,
    ...(bmc === null
      ? {}
      : {
          bmc: {
            ...(TPI_PORT && !several ? { port: Number(TPI_PORT) } : {}),
            ...(TPI_USERNAME ? { username: TPI_USERNAME } : {}),
            ...(TPI_PASSWORD ? { password: { env: 'TPI_PASSWORD' } } : {}),
            ...bmc,
          },
        }),
  };
}
