import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { parseHostArgument, parsePort } from '../../process/arguments.js';
import { addBoardOption, addNodeOption } from '../../process/board-option.js';
import { ERASE_DESCRIPTION, parseErase } from '../../process/erase-option.js';
import type { Terminal } from '../../process/terminal.js';
import type { bmcBackup, bmcFirmware, bmcReboot } from './bmc.js';
import type { cooling } from './cooling.js';
import type { doctor } from './doctor.js';
import type { flash } from './flash.js';
import type { info } from './info.js';
import type { boardPassword } from './password.js';
import type { power, PowerAction } from './power.js';
import type { sdCard } from './sd-card.js';
import type { trust } from './trust.js';
import type { uart } from './uart.js';
import type { usb } from './usb.js';

/** Adds the commands that talk to the board itself. */
export function addBoardCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = (parent: Command, usage: string, description: string) =>
    addBoardOption(parent.command(usage).description(description))
      .option('-c, --config <file>', 'configuration that names the board (default: turingpi.yaml here)')
      .option(
        '--host <address>',
        'the board, without a configuration (TPI_HOSTNAME, else turingpi.local)',
        parseHostArgument,
      )
      .option('--port <port>', 'its HTTPS port (TPI_PORT, else 443)', parsePort)
      .option('--http-port <port>', 'its HTTP port, for the page without login (default: 80)', parsePort)
      .option('--user <name>', 'its user (TPI_USERNAME, else root); the password is in TPI_PASSWORD')
      .option('--json', 'JSON instead of text')
      .option('--verbose', 'debug lines in the log, stack traces with errors');
  const done = async (result: Promise<number>) => exit(await result);

  addNodeOption(
    command(program, 'power', 'Switch named nodes on or off, or show the state of all'),
    '-n, --node <ids>',
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
  turingpi power status
  turingpi power on --node 1,3
  turingpi power off --node 2
  turingpi power off --node all --hard`,
    )
    .action(async (action: PowerAction, options: Parameters<typeof power>[1]) =>
      done((await import('./power.js')).power(action, options, terminal)),
    );

  addNodeOption(
    command(program, 'usb', "Show or set what the board's USB is connected to"),
    '-n, --node <id>',
    'which node',
  )
    .addArgument(new Argument('<mode>').choices(['status', 'host', 'device', 'flash']))
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('-b, --bmc', 'connect it to the BMC instead of the USB port')
    .addHelpText('after', '\nExamples:\n  turingpi usb status\n  turingpi usb device --node 1')
    .action(async (mode: Parameters<typeof usb>[0], options: Parameters<typeof usb>[1]) =>
      done((await import('./usb.js')).usb(mode, options, terminal)),
    );

  addNodeOption(
    command(program, 'uart', 'Show, follow or type on the serial console of a node'),
    '-n, --node <id>',
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
      '\nExamples:\n  turingpi uart -n 1 --follow --log node1.log\n  turingpi uart -n 1 --attach\n  turingpi uart -n 1 --send reboot',
    )
    .action(async (options: Parameters<typeof uart>[0]) =>
      done((await import('./uart.js')).uart(options, terminal)),
    );

  command(program, 'info', 'Show versions, addresses and storage of the board')
    .addHelpText('after', '\nExample:\n  turingpi info --host 192.168.1.90 --json')
    .action(async (options: Parameters<typeof info>[0]) =>
      done((await import('./info.js')).info(options, terminal)),
    );

  addNodeOption(
    command(program, 'flash', 'Write an image to a node, as it is, and have it verified'),
    '-n, --node <id>',
    'which node',
  )
    .argument('[image]', '.img, .img.xz, .gz, .zst, .bz2 or .zip')
    .addOption(new Option('--erase <what>', ERASE_DESCRIPTION).argParser(parseErase))
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
  turingpi flash ubuntu.img.xz --node 2 --power-on
  turingpi flash --url http://192.168.1.5/ubuntu.img.xz --sha256 9f86d0… --node 2 --erase 2
  turingpi flash --bmc-file /mnt/sdcard/ubuntu.img.xz --node 2`,
    )
    .action(async (image: string | undefined, options: Parameters<typeof flash>[1]) =>
      done((await import('./flash.js')).flash(image, options, terminal)),
    );

  command(program, 'cooling', 'List the fans, or set the speed of one')
    .argument('[device]', 'name of the fan')
    .argument('[speed]', 'its speed, 0 to its maximum; auto leaves it to the board again')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi cooling\n  turingpi cooling "system fan" 4\n  turingpi cooling "system fan" auto',
    )
    .action(
      async (device: string | undefined, speed: string | undefined, options: Parameters<typeof cooling>[2]) =>
        done((await import('./cooling.js')).cooling(device, speed, options, terminal)),
    );

  command(program, 'trust', "Show the board's key and remember it")
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  turingpi trust --host 192.168.1.90')
    .action(async (options: Parameters<typeof trust>[0]) =>
      done((await import('./trust.js')).trust(options, terminal)),
    );

  addNodeOption(
    command(program, 'doctor', 'Find out what is wrong with the board'),
    '-n, --node <ids>',
    'with --fix: nodes that may be switched off without asking',
  )
    .option('--fix', 'undo what can be undone; never touches a running transfer')
    .option('-y, --yes', 'answers harmless questions only: no node is switched off that was not named')
    .option(
      '--patience <seconds>',
      'how long to wait for an API that another client holds (default: 120)',
      (text) => {
        if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a number of seconds');
        return Number(text);
      },
    )
    .addHelpText('after', '\nExamples:\n  turingpi doctor\n  turingpi doctor --fix --node 3')
    .action(async (options: Parameters<typeof doctor>[0]) =>
      done((await import('./doctor.js')).doctor(options, terminal)),
    );

  const board = program.command('board').description('The account of the board');
  command(board, 'password', 'Change the password of the board, which is that of its SSH as well')
    .option('--new-password-env <name>', 'the environment variable that has the new one (TPI_NEW_PASSWORD)')
    .option('--new-password-file <file>', 'the file that has the new one (default: it is asked for)')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi board password\n  turingpi board password --host 192.168.1.90 --new-password-file secret.txt',
    )
    .action(async (options: Parameters<typeof boardPassword>[0]) =>
      done((await import('./password.js')).boardPassword(options, terminal)),
    );

  const bmc = program.command('bmc').description('The board controller itself');
  command(bmc, 'reboot', 'Restart the controller')
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  turingpi bmc reboot --yes')
    .action(async (options: Parameters<typeof bmcReboot>[0]) =>
      done((await import('./bmc.js')).bmcReboot(options, terminal)),
    );
  command(bmc, 'backup', "Save the controller's settings to a file")
    .argument('<file>', 'tar.gz to write; it will hold secrets')
    .addHelpText('after', '\nExample:\n  turingpi bmc backup board.tar.gz')
    .action(async (file: string, options: Parameters<typeof bmcBackup>[1]) =>
      done((await import('./bmc.js')).bmcBackup(file, options, terminal)),
    );
  command(bmc, 'firmware', 'Install firmware on the controller; it is used from its next restart on')
    .argument('<file>', 'the firmware, .tpu')
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('-y, --yes', 'do not ask')
    .option('--force', 'in place of firmware that waits for the next restart')
    .addHelpText('after', '\nExample:\n  turingpi bmc firmware tp2-firmware.tpu && turingpi bmc reboot')
    .action(async (file: string, options: Parameters<typeof bmcFirmware>[1]) =>
      done((await import('./bmc.js')).bmcFirmware(file, options, terminal)),
    );
  command(bmc, 'sdcard', 'List what lies on the microSD card of the controller (newer firmware)')
    .argument('[directory]', 'a directory on the card')
    .addHelpText('after', '\nExample:\n  turingpi bmc sdcard images')
    .action(async (directory: string | undefined, options: Parameters<typeof sdCard>[1]) =>
      done((await import('./sd-card.js')).sdCard(directory, options, terminal)),
    );
}
