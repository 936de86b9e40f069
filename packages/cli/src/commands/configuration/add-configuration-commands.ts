import { type Command, InvalidArgumentError } from 'commander';
import { parseHostArgument, parsePort } from '../../process/arguments.js';
import { addOutputOptions } from '../../process/output-options.js';
import type { Terminal } from '../../process/terminal.js';
import type { ExplainOptions } from './explain.js';
import type { ImageChoice, InitOptions, SlotList } from '../init/init-options.js';

/** Adds the commands about a configuration and what is wrong with it. */
export function addConfigurationCommands(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  const command = (usage: string, description: string) =>
    addOutputOptions(program.command(usage).description(description));

  command('init', 'Meet a board, and write a configuration for it')
    .option('-o, --output <file>', 'the configuration (default: turingpi.yaml)')
    .option('--overwrite', 'replace files that are there already')
    .option('-y, --yes', 'ask nothing: take the defaults, and the options below')
    .option('--host <address>', 'the board (TPI_HOSTNAME, else turingpi.local)', parseHostArgument)
    .option('--port <port>', 'its HTTPS port (TPI_PORT, else 443)', parsePort)
    .option('--http-port <port>', 'its HTTP port, for the page without login (default: 80)', parsePort)
    .option('--fingerprint <sha256>', "the board's key or certificate, as the board itself says it")
    .option('--user <name>', 'user of the board (TPI_USERNAME, else root)')
    .option('--password-env <name>', 'the environment variable with its password (TPI_PASSWORD)')
    .option('--password-file <file>', 'the file with its password')
    .option('--new-password-env <name>', 'where a new one is, for a board with that of the factory')
    .option('--new-password-file <file>', 'the same, in a file')
    .option('--nodes <list>', 'what is in the slots, for example rk1,rk1,cm4,-', parseSlots)
    .option(
      '--image <system/board=image>',
      'a name in the catalogue, or a path, for example ubuntu/rk1=./ubuntu.img.xz (again for more)',
      collectImages,
    )
    .option('--catalog <file or url>', 'a catalogue of base images instead of ours (again for more)', collect)
    .option('--first-ip <address>', 'address of the node in slot 1; the others follow it', parseHostArgument)
    .option('--prefix <length>', 'prefix length of their network (default: 24)', parsePrefix)
    .option('--gateway <address>', 'their router', parseHostArgument)
    .option('--dns <list>', 'their name servers, with commas (default: the router)', parseList)
    .option('--node-user <name>', 'the user on the nodes (default: admin)')
    .option('--ssh-key <file>', 'the public key that lets you in, or new (default: one in ~/.ssh, else new)')
    .option(
      '--ssh-port <port>',
      'for a simulated board: SSH of node 1 is here at its address, the others follow',
      parsePort,
    )
    .addHelpText(
      'after',
      `
Asks what no option says. Nothing is written before the last answer; on the board only a password of the factory is
changed, when you say so. A key that was not confirmed before is confirmed by you, or by --fingerprint, never by --yes.

Examples:
  turingpi init
  turingpi init --host 192.168.1.90 -o lab.yaml
  turingpi init --yes --host 192.168.1.90 --fingerprint AB:CD:… --nodes rk1,rk1,-,- --image ubuntu/rk1=ubuntu-24.04-rk1`,
    )
    .action(async (options: InitOptions) =>
      exit(await (await import('../init/init.js')).init(options, terminal)),
    );

  command('validate', 'Find everything that is wrong in a configuration; nothing is reached')
    .argument('[file]', 'the configuration (default: turingpi.yaml here)')
    .option('-c, --config <file>', 'the same')
    .addHelpText(
      'after',
      '\nExits with 0 when nothing is wrong, with 3 when something is.\n\nExamples:\n  turingpi validate\n  turingpi validate lab.yaml --json',
    )
    .action(
      async (file: string | undefined, options: { readonly config?: string; readonly json?: boolean }) =>
        exit(await (await import('./validate.js')).validate(file, options, terminal)),
    );

  command('schema', 'Print the JSON Schema of a configuration, with what plugins add: for editors')
    .option('-c, --config <file>', 'the configuration whose plugins count (default: turingpi.yaml here)')
    .option('-o, --output <file>', 'write it to a file')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi schema -o turingpi.schema.json\n  turingpi schema -c lab.yaml',
    )
    .action(async (options: { readonly config?: string; readonly output?: string }) =>
      exit(await (await import('./schema.js')).schema(options, terminal)),
    );

  command('explain', 'Say what an error code means, and what to do')
    .argument('[code]', 'a code, or a part of some; default: which families of codes there are')
    .option('--all', 'every code, with what it means')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi explain BMC_UNTRUSTED\n  turingpi explain bmc_flash\n  turingpi explain --all --json',
    )
    .action(async (code: string | undefined, options: ExplainOptions) =>
      exit((await import('./explain.js')).explain(code, options, terminal)),
    );
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function parseList(text: string): string[] {
  return text.split(',').map((one) => one.trim());
}

function parsePrefix(text: string): number {
  const length = Number(text);
  if (!/^\d+$/.test(text) || length < 8 || length > 32) throw new InvalidArgumentError('it is 8 to 32');
  return length;
}

/** `rk1,rk1,cm4,-`: one entry a slot, `-` for an empty one; missing ones are empty. */
function parseSlots(text: string): SlotList {
  const entries = parseList(text);
  if (entries.length > 4) throw new InvalidArgumentError('there are four slots');
  const at = (slot: number): string | undefined => {
    const entry = entries[slot - 1] ?? '-';
    return entry === '-' || entry === '' ? undefined : entry;
  };
  return { 1: at(1), 2: at(2), 3: at(3), 4: at(4) };
}

function collectImages(text: string, earlier: readonly ImageChoice[] = []): ImageChoice[] {
  const [, os, board, image] = /^([^/=]+)\/([^/=]+)=(.+)$/.exec(text) ?? [];
  if (os === undefined || board === undefined || image === undefined)
    throw new InvalidArgumentError('write it as ubuntu/rk1=./ubuntu.img.xz');
  return [...earlier, { os, board, image }];
}
