import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type BmcClient, fileSource, type UploadSource } from '@turingpi/bmc';
import { nodeName, NODE_IDS } from '@turingpi/foundation';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { waitsOn } from '../../board/waits-on.js';
import { TransferDisplay } from '../../board/transfer-display.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import { UsageError } from '../../process/usage-error.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';

type ControllerOptions = BoardOptions & {
  readonly yes?: boolean;
  /** Wait until a flash has ended, instead of refusing. */
  readonly wait?: boolean;
};

/** `turingpi board reboot`: restarts the controller; nodes of 2.4 boards lose power. */
export async function boardReboot(options: ControllerOptions, terminal: Terminal): Promise<number> {
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  const { host } = board.endpoint;
  const use = { touches: 'board', wait: options.wait, onWait: waitsOn(terminal) } as const;
  const question = await board.useBoard({ ...use, unlocked: true }, () => rebootQuestion(board));
  if (!(await confirm(question, options, terminal))) return declined(terminal);
  await board.useBoard(use, () => board.board.reboot()); // a transfer may have begun while the question stood
  say(terminal, options, { rebooting: { host } }, 'It restarts; on hardware it is back in about a minute.');
  return EXIT.ok;
}

/** `turingpi board backup FILE`: saves the controller's settings. The file holds secrets and gets mode 0600. */
export async function boardBackup(
  file: string,
  options: ControllerOptions,
  terminal: Terminal,
): Promise<number> {
  const target = path.resolve(terminal.cwd, file);
  await assertFolder(path.dirname(target), file);
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  using interruption = onInterruption(() => undefined);
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

/** `turingpi board firmware FILE`: hands firmware to the controller, which takes it into use at its next restart. */
export async function boardFirmware(
  file: string,
  options: ControllerOptions & { readonly replaceStaged?: boolean },
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
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  const { host } = board.endpoint;
  const use = { touches: 'board', wait: options.wait, signal, onWait: waitsOn(terminal) } as const;
  await board.useBoard({ ...use, unlocked: true }, () => Promise.resolve());
  const question = `Install ${target} (${formatBytes(sizeBytes)}) as the firmware of the controller of ${host}?`;
  if (!(await confirm(question, options, terminal))) return declined(terminal);
  await board.useBoard({ ...use, unlocked: true }, async () =>
    board.stageFirmware({
      firmware: { ...(await fileSource(target)), sha256 },
      name: path.basename(target),
      replaceStaged: options.replaceStaged === true,
      signal,
      progress: (progress) => display.show(progress),
    }),
  );
  display[Symbol.dispose]();
  say(
    terminal,
    options,
    { event: 'staged', firmware: { file: target, sizeBytes, sha256 }, rebootNeeded: true },
    'The board has taken the firmware. It is used from the next restart on: turingpi board reboot.',
  );
  return EXIT.ok;
}

/** Names the nodes that lose their power: on boards before v2.5 every one that is on. */
async function rebootQuestion(board: BmcClient): Promise<string> {
  const { host } = board.endpoint;
  const { bus } = await board.usb.get();
  const power = await board.power.get();
  const on = NODE_IDS.filter((id) => power[id] !== 'off');
  const { nodeNotes } = await board.capabilities();
  const notes = nodeNotes ? await board.board.nodeNotes() : undefined;
  const names = on.map((id) => {
    const name = notes?.[id].name;
    return name === undefined ? nodeName(id) : `${nodeName(id)} (${name})`;
  });
  if (on.length === 0) return `Restart the controller of ${host}? All nodes are off.`;
  return bus === 'hub'
    ? `Restart the controller of ${host}? ${names.join(', ')} ${on.length === 1 ? 'is' : 'are'} on and may lose power.`
    : `Restart the controller of ${host}? This cuts the power of ${names.join(', ')}: nothing there is shut down first.`;
}

/** @throws UsageError naming a folder that is not there */
async function assertFolder(folder: string, file: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new UsageError(
    `cannot write ${file}: there is no folder ${folder}`,
    'Make the folder first, or name a file in one that exists.',
  );
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
  { json }: ControllerOptions,
  record: Readonly<Record<string, unknown>>,
  text: string,
): void {
  terminal.stdout.write(`${json === true ? JSON.stringify(record) : text}\n`);
}
