import { type Command, InvalidArgumentError, Option } from 'commander';
import { parsePartition, parseSeconds } from '../../process/arguments.js';
import { addOutputOptions } from '../../process/output-options.js';
import { parseSizeOption } from '../../process/size-option.js';
import type { Terminal } from '../../process/terminal.js';
import type { ImageCatalogOptions } from './image-catalog.js';
import type { Assignment, imageCustomize } from './image-customize.js';
import type { imageDiff } from './image-diff.js';
import type { imageCat, imageList } from './image-files.js';
import type { imageInfo } from './image-info.js';
import type { ImageTryOptions } from './image-try.js';

/** Adds the commands that look into images and change them, without a board. */
export function addImageCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const image = program
    .command('image')
    .description('Look into images and change them: .img, .img.xz, .gz, .zst, .bz2, .zip');
  const command = (usage: string, description: string) =>
    addOutputOptions(image.command(usage).description(description))
      .option('--cache-dir <dir>', "where converted images are kept (default: the user's cache directory)")
      .option(
        '--backend <backend>',
        'who opens the image: auto, userspace, loop, or docker with @turingpi/image-docker (default: auto)',
      )
      .option('--docker-image <image>', 'what the container of the backend docker is made of');
  const inPartition = (of: Command) =>
    of.option(
      '-p, --partition <which>',
      'number, label, name or GUID (default: the root filesystem)',
      parsePartition,
    );
  const done = async (result: Promise<number>) => exit(await result);

  inPartition(
    command('info', 'Show what an image is: packing, partitions, system, and how it would be customised'),
  )
    .argument('<image>', 'the image')
    .addHelpText('after', '\nExample:\n  turingpi image info ubuntu-22.04-rk1.img.xz')
    .action(async (file: string, options: Parameters<typeof imageInfo>[1]) =>
      done((await import('./image-info.js')).imageInfo(file, options, terminal)),
    );

  inPartition(command('ls', 'List a directory in an image'))
    .argument('<image>', 'the image')
    .argument('[path]', 'absolute path in it', '/')
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi image ls a.img.xz /etc\n  turingpi image ls a.img.xz / -p CIDATA',
    )
    .action(async (file: string, path: string, options: Parameters<typeof imageList>[2]) =>
      done((await import('./image-files.js')).imageList(file, path, options, terminal)),
    );

  inPartition(command('cat', 'Print a file of an image'))
    .argument('<image>', 'the image')
    .argument('<path>', 'absolute path in it')
    .addHelpText('after', '\nExample:\n  turingpi image cat a.img.xz /etc/os-release')
    .action(async (file: string, path: string, options: Parameters<typeof imageCat>[2]) =>
      done((await import('./image-files.js')).imageCat(file, path, options, terminal)),
    );

  addOutputOptions(
    image
      .command('catalog')
      .description('List base images that are known: where they are said to be, and by whom'),
  )
    .option('--catalog <file or url>', 'a catalogue instead of ours (again for more)', collect)
    .option('--os <system>', 'only images of this system, such as ubuntu')
    .option('--board <board>', 'only images for this board, such as rk1')
    .addHelpText(
      'after',
      '\nNone of them was fetched by us, where it does not say so.\n\nExamples:\n  turingpi image catalog\n  turingpi image catalog --board cm4 --catalog https://images.example.org/catalog.json --json',
    )
    .action(async (options: ImageCatalogOptions) =>
      done((await import('./image-catalog.js')).imageCatalog(options, terminal)),
    );

  command('diff', 'Show which files of two images differ; exit code 1 when some do')
    .argument('<before>', 'an image')
    .argument('<after>', 'another one')
    .addHelpText('after', '\nExample:\n  turingpi image diff ubuntu.img.xz node1.img.xz')
    .action(async (before: string, after: string, options: Parameters<typeof imageDiff>[2]) =>
      done((await import('./image-diff.js')).imageDiff(before, after, options, terminal)),
    );

  addOutputOptions(
    image
      .command('try')
      .description('Boot an image in QEMU, show its console, and wait until it lets somebody in'),
  )
    .argument('<image>', 'the image; one for 64-bit ARM is started by U-Boot')
    .option('--user <name>', 'who logs in')
    .option('-i, --identity <file>', 'the private key to log in with')
    .option('--address <ip>', 'the address that the image names (default: what DHCP gives it)')
    .option('--run <command>', 'a check in the shell of the system; its failure is the exit code 1')
    .option('--keep <file>', 'where the disk stays (default: it is removed)')
    .addOption(
      new Option('--size <size>', 'of the disk, when the image is smaller')
        .argParser(parseSizeOption)
        .default(4 * 1024 ** 3, '4GiB'),
    )
    .option('--timeout <seconds>', 'until it must let us in', parseSeconds, 900)
    .option('--cache-dir <dir>', "where converted images are kept (default: the user's cache directory)")
    .addHelpText(
      'after',
      '\nExample:\n  turingpi image try node1.img.xz --user admin -i ~/.ssh/id_ed25519 --address 192.168.1.101 --run "systemctl is-system-running"',
    )
    .action(async (file: string, options: ImageTryOptions) =>
      done((await import('./image-try.js')).imageTry(file, options, terminal)),
    );

  inPartition(command('customize', 'Make a new image with some files changed; the old one stays as it is'))
    .argument('<image>', 'the image')
    .requiredOption('-o, --output <file>', 'the new image; .xz is packed')
    .option('--overwrite', 'replace the output when it is there')
    .option('--hostname <name>', 'the name of the machine')
    .option('--write <path=file>', 'put a file of this computer there (again for more)', collectAssignment)
    .option('--copy <path=dir>', 'put what is in a directory there (again for more)', collectAssignment)
    .option('--chmod <path=mode>', 'set permissions, for example 0755 (again for more)', collectMode)
    .option('--remove <path>', 'remove a file or directory (again for more)', collect)
    .addHelpText(
      'after',
      '\nExamples:\n  turingpi image customize a.img.xz -o b.img.xz --hostname lab1\n  turingpi image customize a.img.xz -o b.img.xz --write /etc/motd=./motd --chmod /etc/motd=0600\n  turingpi image customize a.img.xz -o b.img.xz --hostname lab1 --backend docker --docker-image debian:trixie',
    )
    .action(async (file: string, options: Parameters<typeof imageCustomize>[1]) =>
      done((await import('./image-customize.js')).imageCustomize(file, options, terminal)),
    );
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function collectAssignment(text: string, earlier: readonly Assignment[] = []): Assignment[] {
  const at = text.indexOf('=');
  const [path, value] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || value === '' || !path.startsWith('/'))
    throw new InvalidArgumentError('write it as /path/in/the/image=value');
  return [...earlier, { path, value }];
}

function collectMode(text: string, earlier: readonly Assignment[] = []): Assignment[] {
  const all = collectAssignment(text, earlier);
  if (!/^[0-7]{3,4}$/.test(all.at(-1)?.value ?? ''))
    throw new InvalidArgumentError('permissions are three or four octal digits, for example 0755');
  return all;
}
