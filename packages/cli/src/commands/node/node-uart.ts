import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { NodeId } from '@turingpi/foundation';
import { attachConsole } from '../../board/attach-console.js';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { canAsk } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { Interruption, onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { waitsOn } from '../../board/waits-on.js';
import { UsageError } from '../../process/usage-error.js';

export interface UartOptions extends BoardOptions {
  readonly node?: readonly NodeId[];
  /** Types this line; the board adds the line end. */
  readonly send?: string;
  readonly follow?: boolean;
  /** Types on it as well, key by key. */
  readonly attach?: boolean;
  /** Wait while the node is being flashed, instead of refusing to type. */
  readonly wait?: boolean;
  /** Also appends what is shown to this file. */
  readonly log?: string;
}

const LOST = '[output was lost here: the node printed more than the board keeps between two looks]';

/** `turingpi node uart`: the serial console of a node, once, followed until Ctrl-C, or attached until Ctrl-]. */
export async function nodeUart(options: UartOptions, terminal: Terminal): Promise<number> {
  const [node, ...others] = options.node ?? [];
  if (node === undefined || others.length > 0)
    throw new UsageError(
      'node uart needs --node with one node',
      'Example: turingpi node uart --node 1 --follow',
    );
  if (options.attach === true && !canAsk(terminal))
    throw new UsageError(
      '--attach connects a terminal with the console, and there is none here',
      'Take --follow to see what is printed, and --send to type a line.',
    );
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const { send } = options;
  if (send !== undefined)
    await board.useBoard(
      { touches: [node], wait: options.wait, signal, unlocked: true, onWait: waitsOn(terminal) },
      () => board.console.send(node, send, { signal }),
    );
  const json = options.json === true;
  if (options.send !== undefined && options.follow !== true) {
    if (json) terminal.stdout.write(`${JSON.stringify({ uart: { node, sent: true } })}\n`);
    return EXIT.ok;
  }

  // Console logs may hold what people typed.
  const log = options.log === undefined ? undefined : await openLog(path.resolve(terminal.cwd, options.log));
  const show = async (text: string): Promise<void> => {
    terminal.stdout.write(json ? `${JSON.stringify({ uart: { node, text } })}\n` : text);
    await log?.appendFile(text);
  };
  let lost = false;
  const onLost = (): void => void (lost = true);
  const tellLost = async (): Promise<void> => {
    lost = false;
    if (json) terminal.stdout.write(`${JSON.stringify({ uart: { node, lost: true } })}\n`);
    else terminal.stderr.write(`\n${LOST}\n`);
    await log?.appendFile(`\n${LOST}\n`);
  };
  const isLost = (): boolean => lost;
  try {
    if (options.attach === true) await attachConsole(board, node, terminal, { signal, show });
    else if (options.follow === true)
      for await (const text of board.followConsole(node, { signal, fromStart: true, onLost })) {
        if (isLost()) await tellLost();
        await show(text);
      }
    else await show(await board.console.read(node, { signal }));
  } finally {
    await log?.close();
  }
  const { reason } = signal as { readonly reason: unknown };
  const isStopped = options.attach === true && reason instanceof Interruption && reason.by !== 'SIGINT';
  return isStopped ? EXIT.interrupted : EXIT.ok;
}

/** @throws UsageError when it cannot be written, before anything is asked of the board's console */
async function openLog(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'a', 0o600);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`the log ${file} cannot be written: ${reason}`, 'Name another file with --log.');
  }
}
