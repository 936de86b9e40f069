import { type Command, InvalidArgumentError, Option } from 'commander';
import { addConfiguredCommand } from '../../process/config-option.js';
import { addFailureOptions } from '../../process/run-limits.js';
import { type Named, namedNodes, nodesFirst, someNodes } from '../../process/named-nodes.js';
import { type NodesNamed, parseNodes } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';
import { addSlotCommands } from './add-slot-commands.js';
import type { inventory } from './inventory.js';
import type { nodeCopy } from './node-copy.js';
import type { nodeExec } from './node-exec.js';
import type { nodeFacts } from './node-facts.js';
import type { nodePostInstall } from './node-post-install.js';
import type { nodeShow } from './node-show.js';
import type { nodeSsh } from './node-ssh.js';

const WHICH = '2, or 1,3, or all; with several boards shelf/2, or shelf for all of it';
const ONE = '2; with several boards shelf/2';
/** A copy of the list of the domain, which would have to be loaded for every command line; a test compares them. */
const FORMATS = ['ssh-config', 'ansible', 'hosts', 'known-hosts', 'json'];

/** Options of a command, which has them in that place, and the nodes among them. */
type OfNodes<F extends (...words: never[]) => unknown, Place extends number> = Parameters<F>[Place] &
  Named<NodesNamed>;

/** Adds the commands about nodes that are up, and the inventory of them. */
export function addNodeCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const group = program
    .command('node')
    .description('Single nodes: login, commands, files, facts; power, console, USB and flash');
  const command = (usage: string, description: string) => addConfiguredCommand(group, usage, description);
  const done = async (result: Promise<number>) => exit(await result);

  command('ssh', 'Log in to a node with the ssh of this computer')
    .argument('[node]', ONE)
    .argument('[command...]', 'run this instead of a shell')
    .option('-n, --node <node>', 'the node; then all that stands after it is the command', parseNodes)
    .option('-t, --tty', 'give the command a terminal')
    .addHelpText(
      'after',
      `
The node must show the host key that is on record; the files of known hosts of this computer are not asked. User and key
are those of the configuration. Options of ssh itself: see turingpi inventory --format ssh-config.

Examples:
  turingpi node ssh 1
  turingpi node ssh shelf/2
  turingpi node ssh 1 -t -- journalctl -f`,
    )
    .action(
      async (first: string | undefined, line: string[], { node, ...options }: OfNodes<typeof nodeSsh, 2>) => {
        const { nodes, rest } = nodesFirst([first, ...line], node, parseNodes);
        return done((await import('./node-ssh.js')).nodeSsh(someNodes(nodes), rest, options, terminal));
      },
    );

  command('exec', 'Run a command on nodes, on all of them at the same time')
    .argument('[nodes]', WHICH)
    .argument('[command...]', 'one argument is a line for sh; several are a program and its arguments')
    .option('-n, --node <nodes>', 'the nodes; then all that stands after it is the command', parseNodes)
    .option('--sudo', 'as root')
    .option('--timeout <seconds>', 'end it on the node after so long', parseSeconds)
    .option('--stdin', 'give what comes on standard input to each of them')
    .addHelpText(
      'after',
      `
Output is told line by line with the node before it, and at last on standard error how it went on each. Exits with 0 when
all ended with 0, with 1 when one did not. Ctrl-C ends the command on the nodes.

Examples:
  turingpi node exec all -- uptime
  turingpi node exec 1,3 --sudo -- 'apt-get update && apt-get -y upgrade'
  turingpi node exec 2 --sudo --stdin -- tee /etc/app/token < token.txt > /dev/null
  turingpi node exec all --json -- uname -r`,
    )
    .action(
      async (
        first: string | undefined,
        line: string[],
        { node, ...options }: OfNodes<typeof nodeExec, 2>,
      ) => {
        const { nodes, rest } = nodesFirst([first, ...line], node, parseNodes);
        return done((await import('./node-exec.js')).nodeExec(someNodes(nodes), rest, options, terminal));
      },
    );

  command('copy', 'Copy a file or a folder onto nodes, or from them')
    .argument('<from>', 'a path here, or NODES:/path')
    .argument('<to>', 'NODES:/path, or a path here')
    .option('-n, --node <nodes>', 'the nodes; then :/path is what is on them', parseNodes)
    .option('--sudo', 'as root')
    .option(
      '--owner <user:group>',
      'whose it is to be on the node (default: root with --sudo, else who logs in)',
    )
    .addHelpText(
      'after',
      `
What is in a folder comes into the folder that is named, beside what is there. A file that comes from a node replaces none
here; from several nodes it comes into a folder for each, with the name of the node.

Examples:
  turingpi node copy ./app.conf 1,3:/etc/app/ --sudo
  turingpi node copy ./app.conf :/etc/app/ --node 1,3 --sudo
  turingpi node copy ./site all:/srv/site --sudo --owner www-data:www-data
  turingpi node copy 2:/var/log/syslog ./syslog-of-2 --sudo
  turingpi node copy all:/etc/hostname ./kept`,
    )
    .action(async (from: string, to: string, { node, ...options }: OfNodes<typeof nodeCopy, 1>) =>
      done((await import('./node-copy.js')).nodeCopy({ from, to, nodes: node }, options, terminal)),
    );

  addFailureOptions(
    command(
      'post-install',
      'Do the last phase alone: what is done after the installation, where it is not done yet',
    ),
  )
    .argument('[nodes]', WHICH)
    .option('-n, --node <nodes>', 'the same', parseNodes)
    .option('--offline', 'do not ask finished nodes whether what is on record still holds')
    .option('--dry-run', 'say what would be done, as turingpi plan --from post')
    .option('--wait', 'wait for nodes that another run has, rather than to fail')
    .addHelpText(
      'after',
      '\nAs turingpi up --from post.\n\nExamples:\n  turingpi node post-install 2\n  turingpi node post-install all',
    )
    .action(async (operand: string | undefined, { node, ...options }: OfNodes<typeof nodePostInstall, 1>) => {
      const nodes = someNodes(nodesNamed(operand, node));
      return done((await import('./node-post-install.js')).nodePostInstall(nodes, options, terminal));
    });

  command('facts', 'Ask nodes what they are made of: system, processor, memory, disks, interfaces, module')
    .argument('[nodes]', `${WHICH} (default: all)`)
    .option('-n, --node <nodes>', 'the same', parseNodes)
    .addHelpText('after', '\nExamples:\n  turingpi node facts\n  turingpi node facts 1,3 --json')
    .action(async (operand: string | undefined, { node, ...options }: OfNodes<typeof nodeFacts, 1>) => {
      const nodes = nodesNamed(operand, node) ?? 'all';
      return done((await import('./node-facts.js')).nodeFacts(nodes, options, terminal));
    });

  command('show', 'Show all that is known of a node, with when it was seen')
    .argument('[node]', ONE)
    .option('-n, --node <node>', 'the same', parseNodes)
    .option('--offline', 'do not ask the node: what is on record alone')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi node show 2\n  turingpi node show shelf/2 --json --offline',
    )
    .action(async (operand: string | undefined, { node, ...options }: OfNodes<typeof nodeShow, 1>) => {
      const nodes = someNodes(nodesNamed(operand, node));
      return done((await import('./node-show.js')).nodeShow(nodes, options, terminal));
    });

  addSlotCommands(group, terminal, exit);

  addConfiguredCommand(
    program,
    'inventory',
    'Print the configured nodes for other programs; nothing is reached',
  )
    .addOption(new Option('--format <form>', 'of what is printed').choices(FORMATS).default('json'))
    .option('-n, --node <nodes>', `only these: ${WHICH}`, parseNodes)
    .option(
      '--known-hosts <file>',
      'the file of known hosts that ssh-config and ansible refer to (default: ~/.ssh/turingpi_known_hosts)',
    )
    .addHelpText(
      'after',
      `
Examples:
  turingpi inventory --format known-hosts > ~/.ssh/turingpi_known_hosts
  turingpi inventory --format ssh-config > ~/.ssh/turingpi.conf      then: ssh -F ~/.ssh/turingpi.conf NAME
  turingpi inventory --format ansible > inventory.yaml
  turingpi inventory --format hosts --node 1,3`,
    )
    .action(async (options: Parameters<typeof inventory>[0]) =>
      done((await import('./inventory.js')).inventory(options, terminal)),
    );
}

function nodesNamed(operand: string | undefined, node: NodesNamed | undefined): NodesNamed | undefined {
  return namedNodes(operand === undefined ? [] : [operand], node, parseNodes);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,6}$/.test(text) || seconds === 0)
    throw new InvalidArgumentError('a number of seconds, for example 60');
  return seconds;
}
