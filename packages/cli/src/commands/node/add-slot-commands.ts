import { Argument, type Command, Option } from 'commander';
import { addBoardAccessOptions } from '../../process/board-access-options.js';
import { addNodeOption } from '../../process/board-option.js';
import { ERASE_DESCRIPTION, parseErase } from '../../process/erase-option.js';
import type { Terminal } from '../../process/terminal.js';
import type { nodeFlash } from './node-flash.js';
import type { nodePower, PowerAction } from './node-power.js';
import type { nodeUart } from './node-uart.js';
import type { nodeUsb } from './node-usb.js';

/** Adds the commands about nodes that the board carries out, whatever runs on them. */
export function addSlotCommands(node: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = (usage: string, description: string) =>
    addBoardAccessOptions(node.command(usage).description(description));
  const done = async (result: Promise<number>) => exit(await result);

  addNodeOption(
    command('power', 'Switch named nodes on or off, or show the state of all'),
    '-n, --node <nodes>',
    'which nodes: 2, or 1,3, or all; needed by all but status',
    { all: true },
  )
    .addArgument(new Argument('<action>').choices(['on', 'off', 'cycle', 'reset', 'status']))
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('--hard', 'off and cycle: cut the power at once instead of shutting down')
    .addHelpText(
      'after',
      `
Off and cycle shut a node down over SSH first, where it is configured, its host key is on record and there is something
to log in with; otherwise its power is cut. They say which it was. Reset is the board's reset: no shutdown.

Examples:
  turingpi node power status
  turingpi node power on --node 1,3
  turingpi node power off --node 2
  turingpi node power off --node all --hard`,
    )
    .action(async (action: PowerAction, options: Parameters<typeof nodePower>[1]) =>
      done((await import('./node-power.js')).nodePower(action, options, terminal)),
    );

  addNodeOption(
    command('usb', "Show or set what the board's USB is connected to"),
    '-n, --node <node>',
    'which node',
  )
    .addArgument(new Argument('<mode>').choices(['status', 'host', 'device', 'flash']))
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('-b, --bmc', 'connect it to the BMC instead of the USB port')
    .addHelpText('after', '\nExamples:\n  turingpi node usb status\n  turingpi node usb device --node 1')
    .action(async (mode: Parameters<typeof nodeUsb>[0], options: Parameters<typeof nodeUsb>[1]) =>
      done((await import('./node-usb.js')).nodeUsb(mode, options, terminal)),
    );

  addNodeOption(
    command('uart', 'Show, follow or type on the serial console of a node'),
    '-n, --node <node>',
    'which node',
  )
    .option('-f, --follow', 'go on until Ctrl-C')
    .addOption(
      new Option('-a, --attach', 'type on it as well, key by key, until Ctrl-] (newer firmware)').conflicts([
        'follow',
        'json',
        'send',
      ]),
    )
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('--send <line>', 'type this line')
    .option('--log <file>', 'also append what is shown to this file')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi node uart -n 1 --follow --log node1.log\n  turingpi node uart -n 1 --attach\n  turingpi node uart -n 1 --send reboot',
    )
    .action(async (options: Parameters<typeof nodeUart>[0]) =>
      done((await import('./node-uart.js')).nodeUart(options, terminal)),
    );

  addNodeOption(
    command('flash', 'Write an image to a node, as it is, and have it verified'),
    '-n, --node <node>',
    'which node',
  )
    .argument('[image]', '.img, .img.xz, .gz, .zst, .bz2 or .zip')
    .addOption(new Option('--erase <disks>', ERASE_DESCRIPTION).argParser(parseErase))
    .option('-y, --yes', 'do not ask about a node without any record that does not answer')
    .option('--power-on', 'switch the node on afterwards')
    .option('--url <address>', 'the board downloads the image itself; needs --sha256')
    .option('--sha256 <hex>', 'digest of the file at --url')
    .option('--bmc-file <path>', 'the image is this file on the board, for example on its microSD card')
    .addOption(
      new Option(
        '--other-nodes <what>',
        'what to do about other modules that are on and could be taken for the target (default: refuse)',
      ).choices(['keep']),
    )
    .addOption(
      new Option(
        '--module <type>',
        'what is in the slot; asked for where the firmware cannot flash every module (default: the configuration)',
      ).choices(['rk1', 'cm4']),
    )
    .option('--skip-readback', 'do not let the board read back and compare what it wrote')
    .addHelpText(
      'after',
      `
Examples:
  turingpi node flash ubuntu.img.xz --node 2 --power-on
  turingpi node flash --url http://192.168.1.5/ubuntu.img.xz --sha256 9f86d0… --node 2 --erase 2
  turingpi node flash --bmc-file /mnt/sdcard/ubuntu.img.xz --node 2`,
    )
    .action(async (image: string | undefined, options: Parameters<typeof nodeFlash>[1]) =>
      done((await import('./node-flash.js')).nodeFlash(image, options, terminal)),
    );
}
