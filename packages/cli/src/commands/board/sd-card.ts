import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';
import { printable } from '../../render/printable.js';

/** `turingpi board sdcard [DIRECTORY]`: what lies on the microSD card of the board, for `flash --bmc-file`. */
export async function sdCard(
  directory: string | undefined,
  options: BoardOptions,
  terminal: Terminal,
): Promise<number> {
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  const files = await board.board.sdCardFiles(directory);
  if (options.json === true) terminal.stdout.write(`${JSON.stringify({ files })}\n`);
  else if (files.length === 0) terminal.stdout.write('nothing is there\n');
  else
    for (const file of files)
      terminal.stdout.write(
        `${printable(`/mnt/sdcard/${file.path}`)}${file.directory ? '/' : `  ${formatBytes(file.sizeBytes ?? 0)}`}${file.flashable ? '  image' : ''}\n`,
      );
  return EXIT.ok;
}
