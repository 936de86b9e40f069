import { Command, CommanderError, Option } from 'commander';
import { addBoardCommands } from './commands/board/add-board-commands.js';
import { arePluginsInReach } from './commands/contributed/plugins-in-reach.js';
import { wantedOfPlugins } from './commands/contributed/wanted-of-plugins.js';
import { addConfigurationCommands } from './commands/configuration/add-configuration-commands.js';
import { addCacheCommands } from './commands/cache/add-cache-commands.js';
import type { AdoptOptions } from './commands/adopt.js';
import type { DriftOptions } from './commands/drift.js';
import { addImageCommands } from './commands/image/add-image-commands.js';
import { addPluginCommands } from './commands/plugin/add-plugin-commands.js';
import { addSupportCommands } from './commands/support/add-support-commands.js';
import { addStateCommands } from './commands/state/add-state-commands.js';
import type { reinstall } from './commands/reinstall.js';
import { addNodeCommands } from './commands/node/add-node-commands.js';
import { addRunCommands } from './commands/run/add-run-commands.js';
import { parseHostArgument, parsePort } from './process/arguments.js';
import { addBoardOption, nodesOfBoard } from './process/board-option.js';
import { withColorOption } from './process/color-option.js';
import { ERASE_DESCRIPTION, parseErase } from './process/erase-option.js';
import { EXIT, exitCodeOf } from './process/exit-codes.js';
import { parseNodeNames } from './process/node-names.js';
import { programVersion } from './process/program-version.js';
import { addFailureOptions, addPhaseOptions } from './process/run-limits.js';
import type { Terminal } from './process/terminal.js';
import { errorRecord, renderError } from './render/error.js';
import { nameBoard } from './render/name-board.js';
import { printableLines } from './render/printable.js';

const ONLY_THESE =
  'only these nodes, for example 2 or 1,3; with several boards shelf/2, or shelf for all of it';

interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * Runs one command line.
 *
 * @param argv - as in `process.argv`: the first two entries are skipped
 * @returns The exit code.
 */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.ok;
  const exit = (code: number) => {
    exitCode = code;
  };
  const program = createProgram(withColorOption(terminal, argv), exit);
  let remarks: readonly string[] = [];
  let running: Command | undefined;
  program.hook('preAction', (_program, command) => void (running = command));
  try {
    remarks = await addCommandsOfPlugins(program, argv.slice(2), terminal, exit);
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help that lacks a command, and a command that is not there, have the same reason.
      if (NOT_THERE.has(error.code))
        for (const remark of remarks) terminal.stderr.write(`note: ${printableLines(remark)}\n`);
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    const json = argv.includes('--json');
    const here = (text: string) => nameBoard(text, program, running);
    const record = () =>
      JSON.stringify({ event: 'error', ...errorRecord(error) }, (_key, value: unknown) =>
        typeof value === 'string' ? here(value) : value,
      );
    if (json) terminal.stdout.write(`${record()}\n`);
    else terminal.stderr.write(here(renderError(error, { verbose: argv.includes('--verbose') })));
    return exitCodeOf(error);
  }
}

/** The help of all commands, and a command that nobody knows. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'commander.help',
  'commander.helpDisplayed',
  'commander.unknownCommand',
]);

/** Adds the commands of plugins where they may be wanted. @returns What keeps some from being there. */
async function addCommandsOfPlugins(
  program: Command,
  words: readonly string[],
  terminal: Terminal,
  exit: (code: number) => void,
): Promise<readonly string[]> {
  const builtIn = new Set(program.commands.flatMap((one) => [one.name(), ...one.aliases()]));
  const wanted = wantedOfPlugins(words, builtIn, terminal);
  if (wanted === undefined || !arePluginsInReach(wanted.configFile, terminal.cwd)) return [];
  const [{ findCommands }, { addContributedCommands }] = await Promise.all([
    import('./commands/contributed/find-commands.js'),
    import('./commands/contributed/add-contributed-commands.js'),
  ]);
  const found = await findCommands(wanted.configFile, terminal);
  const remarks = addContributedCommands(program, found, { wanted: wanted.name, terminal, exit });
  return [...found.remarks, ...remarks];
}

function createProgram(terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command('turingpi')
    .description('From stock OS images to configured, reachable Turing Pi 2 nodes.')
    .version(programVersion(), '-V, --version')
    .addOption(
      new Option('--color <when>', 'colours: auto (in a terminal; NO_COLOR and FORCE_COLOR count)')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .addHelpText(
      'after',
      `
Examples:
  turingpi init                        meet a board, and write a configuration for it
  turingpi demo                        try everything on a simulated board, no hardware needed
  turingpi up                          bring every node to what turingpi.yaml says
  turingpi up -c lab.yaml --node 2     only node 2, with another configuration
  turingpi status                      what has been done so far`,
    );

  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--json', 'JSON lines instead of text')
      .option('--verbose', 'debug lines in the log, stack traces with errors');
  const action =
    <O extends CommonOptions>(load: () => Promise<(options: O, terminal: Terminal) => Promise<number>>) =>
    async (options: O) =>
      exit(await (await load())(options, terminal));

  addFailureOptions(
    addPhaseOptions(command('up', 'Customise, flash and finish every node; what is done already is skipped')),
  )
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .option('--node <ids>', ONLY_THESE, parseNodeNames)
    .addOption(new Option('--erase <what>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('--offline', 'do not ask finished nodes whether what is on record still holds')
    .option('--plan <file>', 'do what this plan says, or nothing; it approves what it erases')
    .option('--dry-run', 'say what would be done, as turingpi plan')
    .option('--wait', 'wait for nodes that another run has, rather than to fail')
    .option('--watch', 'serve a page of the run on this computer while it goes on')
    .option('--force', 'take base images that were made for another board or system')
    .addHelpText(
      'after',
      `
Installing erases a disk: up asks once for all nodes, or takes --erase; without a terminal and without --erase nothing
is erased. A finished node whose settings changed is never erased by up itself unless that is approved.

Examples:
  turingpi up
  turingpi up --erase new               the first run of a script
  turingpi up --until image             make the images, and stop
  turingpi up -c lab.yaml --node 1,3 --json`,
    )
    .action(action(async () => (await import('./commands/up.js')).up));

  addPhaseOptions(command('plan', 'Say what up would do, and why; nothing is changed'))
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .option('--node <ids>', ONLY_THESE, parseNodeNames)
    .option('--reinstall <ids>', 'as if these finished nodes were to be installed anew', parseNodeNames)
    .addOption(new Option('--erase <what>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('--offline', 'do not ask finished nodes whether what is on record still holds')
    .option('--force', 'take base images that were made for another board or system')
    .option('-o, --output <file>', 'write the plan to a file, for up --plan')
    .addHelpText(
      'after',
      `
Exits with 0 when there is nothing to do, with 6 when there is.

Examples:
  turingpi plan
  turingpi plan --reinstall 2 -o plan.json
  turingpi up --plan plan.json          exactly this, or nothing
  turingpi plan --json --offline`,
    )
    .action(action(async () => (await import('./commands/plan.js')).plan));

  addFailureOptions(command('reinstall', 'Erase nodes and install them anew, one after the other'))
    .argument('<nodes...>', 'numbers of nodes, for example 2 or 1,3')
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .addOption(new Option('--erase <what>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('--wait', 'wait for nodes that another run has, rather than to fail')
    .option('--force', 'take base images that were made for another board or system')
    .addHelpText(
      'after',
      '\nAsks before anything is erased.\n\nExamples:\n  turingpi reinstall 2\n  turingpi reinstall 1,3 --erase 1,3',
    )
    .action(async (nodes: string[], options: Parameters<typeof reinstall>[1]) =>
      exit(
        await (
          await import('./commands/reinstall.js')
        ).reinstall(parseNodeNames(nodes.join(',')), options, terminal),
      ),
    );

  const adoption = command('adopt', 'Make records of what runs on nodes, from what they say of themselves');
  addBoardOption(adoption)
    .argument('[nodes...]', 'numbers of nodes, for example 2 or 1,3 (default: all configured)')
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .option(
      '--fingerprint <sha256>',
      'a host key that is confirmed, as ssh-keygen -l prints it; may be given several times',
      (value: string, all: string[] | undefined) => [...(all ?? []), value],
    )
    .addHelpText(
      'after',
      '\nNothing on a node is changed. A host key that is not known is shown and asked about.\n\nExamples:\n  turingpi adopt\n  turingpi adopt 2 --fingerprint SHA256:uNiVztksCsDhcc0u9e8BrtZmvbc2ukRkVOTJ1xnIEPs',
    )
    .action(async (nodes: string[], options: AdoptOptions) =>
      exit(
        await (
          await import('./commands/adopt.js')
        ).adopt(
          nodes.length === 0 ? undefined : nodesOfBoard(adoption)(nodes.join(',')),
          { ...options, ...adoption.opts<AdoptOptions>() },
          terminal,
        ),
      ),
    );

  command('status', 'Show what has been done to each node')
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .addHelpText('after', '\nExamples:\n  turingpi status\n  turingpi status -c lab.yaml --json')
    .action(action(async () => (await import('./commands/status.js')).status));

  command('drift', 'Say how finished nodes differ by now from what they are to be; nothing is changed')
    .argument('[nodes...]', 'nodes, for example 2 or 1,3; with several boards shelf/2 (default: all)')
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .addHelpText(
      'after',
      '\nExits with 0 when nothing differs, with 6 when something does.\n\nExamples:\n  turingpi drift\n  turingpi drift 2 --json',
    )
    .action(async (nodes: string[], options: DriftOptions) =>
      exit(
        await (
          await import('./commands/drift.js')
        ).drift(nodes.length === 0 ? undefined : parseNodeNames(nodes.join(',')), options, terminal),
      ),
    );

  command('plugins', 'List the plugins that were found, from where, with versions')
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here, if there is one)')
    .addHelpText('after', '\nExample:\n  turingpi plugins -c lab.yaml')
    .action(action(async () => (await import('./commands/plugins.js')).plugins));

  const rehearsal = command('rehearse', 'Run your configuration, images and workflow on a simulated board');
  addBoardOption(rehearsal)
    .option('-c, --config <file>', 'configuration file (default: turingpi.yaml here)')
    .option('--node <ids>', 'only these nodes, for example 2 or 1,3', nodesOfBoard(rehearsal))
    .option('--keep', 'leave the folder with images, state and the disks of the simulated nodes')
    .addHelpText(
      'after',
      `
The real board and its nodes are not reached, and what is on record of them is neither used nor changed. All simulated
nodes are empty. Programs on this computer (runLocal) are left out.

Examples:
  turingpi rehearse
  turingpi rehearse -c lab.yaml --node 1 --keep`,
    )
    .action(action(async () => (await import('./commands/rehearse.js')).rehearse));

  command('demo', 'Provision four simulated nodes, twice, and show what happens')
    .option('--output <dir>', 'where images, state and a configuration to play with are left', 'demo-output')
    .addHelpText('after', '\nExamples:\n  turingpi demo\n  turingpi demo --output ./try')
    .action(action(async () => (await import('./commands/demo.js')).demo));

  addBoardOption(command('virtual-board', 'Serve a simulated Turing Pi 2 for other programs'))
    .option('-c, --config <file>', 'take ports, nodes and login from this configuration')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)', parseHostArgument)
    .option('--port <port>', 'HTTPS port; 0 picks a free one (default: 0)', parsePort)
    .addOption(
      new Option('--http-port <port>', 'HTTP port; 0 picks a free one, off for none (default: 0)').argParser(
        (text) => (text === 'off' ? 'off' : parsePort(text)),
      ),
    )
    .option('--nodes <list>', 'what is in the slots, for example rk1,rk1,cm4,- (default: rk1,rk1,cm4,cm4)')
    .option('--ssh-port <port>', 'SSH of node 1 is here, the others follow (default: free ports)', parsePort)
    .option('--dir <dir>', 'keep node1.emmc … here between runs (default: a temporary directory)')
    .addOption(
      new Option('--boot <depth>', 'how real the nodes are: bytes only, a small shell, or QEMU')
        .choices(['none', 'shell', 'qemu'])
        .default('shell'),
    )
    .option('--user <name>', 'user of the board controller (default: root)')
    .option('--password <password>', 'its password (default: turing)')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi virtual-board --port 8443 --nodes rk1,rk1,cm4,- --dir ./board\n  turingpi virtual-board -c demo-output/turingpi.yaml',
    )
    .action(action(async () => (await import('./commands/virtual-board.js')).virtualBoard));

  addConfigurationCommands(program, terminal, exit);
  addBoardCommands(program, terminal, exit);
  addImageCommands(program, terminal, exit);
  addCacheCommands(program, terminal, exit);
  addRunCommands(program, terminal, exit);
  addStateCommands(program, terminal, exit);
  addNodeCommands(program, terminal, exit);
  addPluginCommands(program, terminal, exit);
  addSupportCommands(program, terminal, exit);
  return program;
}
