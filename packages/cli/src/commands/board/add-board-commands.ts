import { Argument, type Command } from 'commander';
import { parseNodeIds, parsePort } from '../../process/arguments.js';
import type { Terminal } from '../../process/terminal.js';
import { bmcBackup, bmcReboot } from './bmc.js';
import { cooling } from './cooling.js';
import { flash } from './flash.js';
import { info } from './info.js';
import { power, type PowerAction } from './power.js';
import { trust } from './trust.js';
import { uart } from './uart.js';
import { usb } from './usb.js';

/** Adds the commands that talk to the board itself. */
export function addBoardCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = (parent: Command, usage: string, description: string) =>
    parent
      .command(usage)
      .description(description)
      .option('-c, --config <file>', 'configuration that names the board (default: turingpi.yaml here)')
      .option('--host <address>', 'the board, without a configuration (TPI_HOSTNAME, else turingpi.local)')
      .option('--port <port>', 'its HTTPS port (TPI_PORT, else 443)', parsePort)
      .option('--user <name>', 'its user (TPI_USERNAME, else root); the password is in TPI_PASSWORD')
      .option('--json', 'JSON instead of text')
      .option('--verbose', 'debug lines in the log, stack traces with errors');
  const done = async (result: Promise<number>) => exit(await result);

  command(program, 'power', 'Switch nodes on or off, or show their state')
    .addArgument(new Argument('<action>').choices(['on', 'off', 'reset', 'status']))
    .option('-n, --node <ids>', 'which nodes, for example 2 or 1,3 (default: all)', parseNodeIds)
    .addHelpText('after', '\nExamples:\n  turingpi power status\n  turingpi power on --node 1,3')
    .action((action: PowerAction, options: Parameters<typeof power>[1]) =>
      done(power(action, options, terminal)),
    );

  command(program, 'usb', "Show or set what the board's USB is connected to")
    .addArgument(new Argument('<mode>').choices(['status', 'host', 'device', 'flash']))
    .option('-n, --node <id>', 'which node', parseNodeIds)
    .option('-b, --bmc', 'connect it to the BMC instead of the USB port')
    .addHelpText('after', '\nExamples:\n  turingpi usb status\n  turingpi usb device --node 1')
    .action((mode: Parameters<typeof usb>[0], options: Parameters<typeof usb>[1]) =>
      done(usb(mode, options, terminal)),
    );

  command(program, 'uart', 'Show, follow or type on the serial console of a node')
    .option('-n, --node <id>', 'which node', parseNodeIds)
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--send <line>', 'type this line')
    .option('--log <file>', 'also append what is shown to this file')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi uart -n 1 --follow --log node1.log\n  turingpi uart -n 1 --send reboot',
    )
    .action((options: Parameters<typeof uart>[0]) => done(uart(options, terminal)));

  command(program, 'info', 'Show versions, addresses and storage of the board').action(
    (options: Parameters<typeof info>[0]) => done(info(options, terminal)),
  );

  command(program, 'flash', 'Write an image file to a node, as it is')
    .argument('<image>', '.img, .img.xz, .gz, .zst, .bz2 or .zip')
    .option('-n, --node <id>', 'which node', parseNodeIds)
    .option('-y, --yes', 'do not ask')
    .option('--power-on', 'switch the node on afterwards')
    .addHelpText('after', '\nExample:\n  turingpi flash ubuntu.img.xz --node 2 --power-on')
    .action((image: string, options: Parameters<typeof flash>[1]) => done(flash(image, options, terminal)));

  command(program, 'cooling', 'List the fans, or set the speed of one')
    .argument('[device]', 'name of the fan')
    .argument('[speed]', 'its speed, 0 to its maximum')
    .action((device: string | undefined, speed: string | undefined, options: Parameters<typeof cooling>[2]) =>
      done(cooling(device, speed, options, terminal)),
    );

  command(program, 'trust', "Show the board's key and remember it")
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  turingpi trust --host 192.168.1.90')
    .action((options: Parameters<typeof trust>[0]) => done(trust(options, terminal)));

  const bmc = program.command('bmc').description('The board controller itself');
  command(bmc, 'reboot', 'Restart the controller')
    .option('-y, --yes', 'do not ask')
    .action((options: Parameters<typeof bmcReboot>[0]) => done(bmcReboot(options, terminal)));
  command(bmc, 'backup', "Save the controller's settings to a file")
    .argument('<file>', 'tar.gz to write; it will hold secrets')
    .action((file: string, options: Parameters<typeof bmcBackup>[1]) =>
      done(bmcBackup(file, options, terminal)),
    );
}
