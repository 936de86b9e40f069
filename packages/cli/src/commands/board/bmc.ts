import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { BmcError, fileSource, type UploadSource } from '@turingpi/bmc';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { TransferDisplay } from '../../board/transfer-display.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';

type BmcOptions = BoardOptions & { readonly yes?: boolean };

/** `turingpi bmc reboot`: restarts the controller; nodes of 2.4 boards lose power. */
export async function bmcReboot(options: BmcOptions, terminal: Terminal): Promise<number> {
  await using board = await openBoard(options, terminal);
  const { host } = board.endpoint;
  const question = `Restart the controller of ${host}? Running nodes may lose power.`;
  if (!(await confirm(question, options, terminal))) return declined(terminal);
  const status = await board.transfer.status();
  if (status.state === 'transferring')
    throw new BmcError('BMC_FLASH_BUSY', `a transfer is running on ${host}: a restart would destroy it`);
  await board.board.reboot();
  say(terminal, options, { rebooting: { host } }, 'It restarts; on hardware it is back in about a minute.');
  return EXIT.ok;
}

/** `turingpi bmc backup FILE`: saves the controller's settings. The file holds secrets and gets mode 0600. */
export async function bmcBackup(file: string, options: BmcOptions, terminal: Terminal): Promise<number> {
  await using board = await openBoard(options, terminal);
  using interruption = onInterruption(() => undefined);
  const target = path.resolve(terminal.cwd, file);
  // A name that `doctor` knows for a leftover when its process is gone.
  const unique = randomBytes(6).toString('hex');
  const temporary = path.join(
    path.dirname(target),
    `.${path.basename(target)}.${process.pid}.${unique}.turingpi-tmp`,
  );
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await board.board.backup(handle.createWriteStream(), { signal: interruption.signal });
    } finally {
      await handle.close(); // its stream does so only when it was written to
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const { size } = await stat(target);
  say(
    terminal,
    options,
    { backup: { file: target, sizeBytes: size } },
    `${file} holds password hashes and the TLS key of the board: keep it safe.`,
  );
  return EXIT.ok;
}

/** `turingpi bmc firmware FILE`: hands firmware to the controller, which takes it into use at its next restart. */
export async function bmcFirmware(
  file: string,
  options: BmcOptions & { readonly force?: boolean },
  terminal: Terminal,
): Promise<number> {
  const target = path.resolve(terminal.cwd, file);
  const json = options.json === true;
  using display = new TransferDisplay(terminal, json);
  using interruption = onInterruption(() =>
    display.note('stopping: the transfer is cancelled on the board; press Ctrl-C again to leave at once'),
  );
  const { signal } = interruption;
  const source = await fileSource(target);
  const sha256 = await digestOf(source, signal);
  const sizeBytes = source.lengthBytes;
  await using board = await openBoard(options, terminal);
  const { host } = board.endpoint;
  const question = `Install ${target} (${formatBytes(sizeBytes)}) as the firmware of the controller of ${host}?`;
  if (!(await confirm(question, options, terminal))) return declined(terminal);
  await board.stageFirmware({
    firmware: { ...(await fileSource(target)), sha256 },
    name: path.basename(target),
    replaceStaged: options.force === true,
    signal,
    progress: (progress) => display.show(progress),
  });
  display[Symbol.dispose]();
  say(
    terminal,
    options,
    { event: 'staged', firmware: { file: target, sizeBytes, sha256 }, rebootNeeded: true },
    'The board has taken the firmware. It is used from the next restart on: turingpi bmc reboot.',
  );
  return EXIT.ok;
}

async function digestOf({ stream }: UploadSource, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}

function declined(terminal: Terminal): number {
  terminal.stderr.write('Nothing was changed.\n');
  return EXIT.failed;
}

function say(
  terminal: Terminal,
  { json }: BmcOptions,
  record: Readonly<Record<string, unknown>>,
  text: string,
): void {
  terminal.stdout.write(`${json === true ? JSON.stringify(record) : text}\n`);
}
