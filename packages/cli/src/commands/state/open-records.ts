import type { ClusterArchive, TuringPi } from '@turingpi/core';
import { openCluster } from '../../cluster/open-cluster.js';
import type { Terminal } from '../../process/terminal.js';

/** Options of every command on the state. */
export interface StateCommandOptions {
  readonly config?: string;
  readonly board?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** The records of the configuration that is meant, with what closes it. */
export interface OpenedRecords extends AsyncDisposable {
  readonly cluster: TuringPi;
  readonly records: ClusterArchive;
}

/** Opens the records that a configuration is about. Asks neither board nor nodes. @throws ConfigError */
export async function openRecords(options: StateCommandOptions, terminal: Terminal): Promise<OpenedRecords> {
  const opened = await openCluster(options.config, terminal, {
    debug: options.verbose === true,
    board: options.board,
    withoutSecrets: true,
  });
  const { cluster } = opened;
  return { cluster, records: cluster.archive, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
