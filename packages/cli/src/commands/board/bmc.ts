import { open, rename, rm } from 'node:fs/promises';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';

type BmcOptions = BoardOptions & { readonly yes?: boolean };

/** `turingpi bmc reboot`: restarts the controller; nodes of 2.4 boards lose power. */
export async function bmcReboot(options: BmcOptions, terminal: Terminal): Promise<number> {
  await using board = await openBoard(options, terminal);
  const { host } = board.endpoint;
  const question = `Restart the controller of ${host}? Running nodes may lose power.`;
  if (!(await confirm(question, options, terminal))) return EXIT.failed;
  await board.board.reboot();
  terminal.stdout.write('It restarts and is back in about a minute.\n');
  return EXIT.ok;
}

/** `turingpi bmc backup FILE`: saves the controller's settings. The file holds secrets and gets mode 0600. */
export async function bmcBackup(file: string, options: BmcOptions, terminal: Terminal): Promise<number> {
  await using board = await openBoard(options, terminal);
  using interruption = onInterruption(() => undefined);
  const temporary = `${file}.${process.pid}.turingpi-tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    await board.board.backup(handle.createWriteStream(), { signal: interruption.signal });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  terminal.stdout.write(`${file} holds password hashes and the TLS key of the board: keep it safe.\n`);
  return EXIT.ok;
}
