import type { Command } from 'commander';
import { parseHostArgument, parsePort } from './arguments.js';
import { addBoardOption } from './board-option.js';
import { addConfigOption } from './config-option.js';
import { addOutputOptions } from './output-options.js';

/**
 * Adds the options that say which board is meant and how it is reached, and those that every command has.
 *
 * @param which - what is said of `--board`, where that is not the usual
 */
export function addBoardAccessOptions(command: Command, which?: string): Command {
  addConfigOption(
    addBoardOption(command, which),
    'configuration that names the board (default: turingpi.yaml here)',
  )
    .option(
      '--host <address>',
      'the board, without a configuration (TPI_HOSTNAME, else turingpi.local)',
      parseHostArgument,
    )
    .option('--port <port>', 'its HTTPS port (TPI_PORT, else 443)', parsePort)
    .option('--http-port <port>', 'its HTTP port, for the page without login (default: 80)', parsePort)
    .option('--user <name>', 'its user (TPI_USERNAME, else root); the password is in TPI_PASSWORD');
  return addOutputOptions(command);
}
