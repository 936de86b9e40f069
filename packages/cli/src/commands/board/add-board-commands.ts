import { type Command, InvalidArgumentError } from 'commander';
import { addBoardAccessOptions } from '../../process/board-access-options.js';
import { addNodeOption, ONLY_THIS_BOARD } from '../../process/board-option.js';
import type { Terminal } from '../../process/terminal.js';
import type { boardBackup, boardFirmware, boardReboot } from './controller.js';
import type { cooling } from './cooling.js';
import type { doctor } from './doctor.js';
import type { info } from './info.js';
import type { boardPassword } from './password.js';
import type { sdCard } from './sd-card.js';
import type { trust } from './trust.js';

/** Adds the commands about the board and its controller. */
export function addBoardCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const board = program
    .command('board')
    .description('The board and its controller: its key, account, firmware, fans');
  const command = (parent: Command, usage: string, description: string, which?: string) =>
    addBoardAccessOptions(parent.command(usage).description(description), which);
  const done = async (result: Promise<number>) => exit(await result);

  command(board, 'trust', "Show the board's key and remember it")
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  turingpi board trust --host 192.168.1.90')
    .action(async (options: Parameters<typeof trust>[0]) =>
      done((await import('./trust.js')).trust(options, terminal)),
    );

  command(board, 'info', 'Show versions, addresses and storage of the board')
    .addHelpText('after', '\nExample:\n  turingpi board info --host 192.168.1.90 --json')
    .action(async (options: Parameters<typeof info>[0]) =>
      done((await import('./info.js')).info(options, terminal)),
    );

  command(board, 'cooling', 'List the fans, or set the speed of one')
    .argument('[device]', 'name of the fan')
    .argument('[speed]', 'its speed, 0 to its maximum; auto leaves it to the board again')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi board cooling\n  turingpi board cooling "system fan" 4\n  turingpi board cooling "system fan" auto',
    )
    .action(
      async (device: string | undefined, speed: string | undefined, options: Parameters<typeof cooling>[2]) =>
        done((await import('./cooling.js')).cooling(device, speed, options, terminal)),
    );

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

  command(board, 'reboot', 'Restart the controller')
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  turingpi board reboot --yes')
    .action(async (options: Parameters<typeof boardReboot>[0]) =>
      done((await import('./controller.js')).boardReboot(options, terminal)),
    );
  command(board, 'backup', "Save the controller's settings to a file")
    .argument('<file>', 'tar.gz to write; it will hold secrets')
    .addHelpText('after', '\nExample:\n  turingpi board backup board.tar.gz')
    .action(async (file: string, options: Parameters<typeof boardBackup>[1]) =>
      done((await import('./controller.js')).boardBackup(file, options, terminal)),
    );
  command(board, 'firmware', 'Install firmware on the controller; it is used from its next restart on')
    .argument('<file>', 'the firmware, .tpu')
    .option('--wait', 'wait for a flash that is in the way instead of refusing')
    .option('-y, --yes', 'do not ask')
    .option('--replace-staged', 'in place of firmware that waits for the next restart')
    .addHelpText('after', '\nExample:\n  turingpi board firmware tp2-firmware.tpu && turingpi board reboot')
    .action(async (file: string, options: Parameters<typeof boardFirmware>[1]) =>
      done((await import('./controller.js')).boardFirmware(file, options, terminal)),
    );
  command(board, 'sdcard', 'List what lies on the microSD card of the controller (newer firmware)')
    .argument('[directory]', 'a directory on the card')
    .addHelpText('after', '\nExample:\n  turingpi board sdcard images')
    .action(async (directory: string | undefined, options: Parameters<typeof sdCard>[1]) =>
      done((await import('./sd-card.js')).sdCard(directory, options, terminal)),
    );

  addNodeOption(
    command(
      program,
      'doctor',
      'Find out what is wrong: in the configuration, with the board, on record, on this computer',
      ONLY_THIS_BOARD,
    ),
    '-n, --node <nodes>',
    'nodes whose module, last start and way are told; with --fix: that may be switched off without asking',
  )
    .option('--fix', 'undo what can be undone; never touches a running transfer')
    .option('-y, --yes', 'answers harmless questions only: no node is switched off that was not named')
    .option('--offline', 'ask neither the board nor nodes: what is wrong on this computer alone')
    .option('--cache', 'also compare the digests of everything in the cache, which takes its time')
    .option(
      '--patience <seconds>',
      'how long to wait for an API that another client holds (default: 120)',
      (text) => {
        if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a number of seconds');
        return Number(text);
      },
    )
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi doctor\n  turingpi doctor --node 2\n  turingpi doctor --fix --node 3\n  turingpi doctor --offline --cache',
    )
    .action(async (options: Parameters<typeof doctor>[0]) =>
      done((await import('./doctor.js')).doctor(options, terminal)),
    );
}
