import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';
import { printable } from '../../render/printable.js';

/** `turingpi board info`: versions, addresses and storage of the board, and what its firmware can do. */
export async function info(options: BoardOptions, terminal: Terminal): Promise<number> {
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  const capabilities = await board.capabilities();
  const [about, storage] = [await board.board.about(), await board.board.info()];
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify({ about, info: storage, capabilities })}\n`);
    return EXIT.ok;
  }
  const facts: [string, string | undefined][] = [
    ['board', [about.boardModel, about.boardRevision].filter(Boolean).join(' ')],
    ['firmware', about.version],
    ['bmcd', capabilities.bmcdVersion],
    ['built', about.buildtime],
    ...storage.addresses.map(({ device, ip, mac }): [string, string] => [device, `${ip} (${mac})`]),
    ...storage.storage.map(({ name, totalBytes, freeBytes }): [string, string] => [
      name,
      `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}`,
    ]),
    ['decodes xz', capabilities.decodesXz ? 'yes' : 'no, images are decompressed here'],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts)
    if (value !== undefined && value !== '')
      terminal.stdout.write(`${printable(name.padEnd(width))}  ${printable(value)}\n`);
  return EXIT.ok;
}
