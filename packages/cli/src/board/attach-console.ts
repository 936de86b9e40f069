import type { Writable } from 'node:stream';
import type { BmcClient } from '@turingpi/bmc';
import { type NodeId, nodeName } from '@turingpi/foundation';
import { RawKeyboard } from '../process/raw-keyboard.js';
import type { Terminal } from '../process/terminal.js';
import { ConsoleTypist } from './console-typist.js';

/** How a console is attached. */
export interface AttachOptions {
  readonly signal: AbortSignal;
  /** Takes what the node prints. */
  readonly show: (text: string) => Promise<void>;
}

/**
 * Connects the terminal with the serial console of a node: what the node prints is shown, what is typed goes to it key by
 * key, until Ctrl-] is typed, the terminal goes, or the signal fires. The terminal is as before then.
 *
 * @remarks Firmware without live consoles shows what is printed alone, which is said: its terminal stays as it is.
 */
export async function attachConsole(
  client: Pick<BmcClient, 'followConsole' | 'useBoard'>,
  node: NodeId,
  terminal: Terminal,
  options: AttachOptions,
): Promise<void> {
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  // In raw mode a line feed alone goes straight down.
  const note = (text: string): void => void terminal.stderr.write(`\r\n[${text}]\r\n`);
  const typist = new ConsoleTypist(client, node, signal, note);
  using keyboard = new AttachedKeyboard(typist, () => left.abort());
  const onLine = (line: Writable | undefined): void => {
    typist.useLine(line);
    if (line === undefined) note(keyboard.isAttached ? NOT_LIVE_ANY_MORE : NOT_LIVE);
    else if (keyboard.attach()) note(`console of ${nodeName(node)}; Ctrl-] leaves`);
  };
  const onLost = (): void => note('output was lost here');
  for await (const text of client.followConsole(node, { signal, fromStart: true, onLost, onLine }))
    await options.show(text);
  if (left.signal.aborted) note(`left the console of ${nodeName(node)}`);
}

const NOT_LIVE =
  'no live console: this firmware has none, or lets none through. What the node prints is shown every moment; typing is not possible, `turingpi node uart --send LINE` is. Ctrl-C ends';
const NOT_LIVE_ANY_MORE = 'the live console is gone: what is typed now goes nowhere. Ctrl-] leaves';

/** The keyboard, from when it is attached on. */
class AttachedKeyboard implements Disposable {
  #raw: RawKeyboard | undefined;

  constructor(
    private readonly typist: ConsoleTypist,
    private readonly leave: () => void,
  ) {}

  get isAttached(): boolean {
    return this.#raw !== undefined;
  }

  /** @returns whether it was not attached before */
  attach(): boolean {
    if (this.#raw !== undefined) return false;
    this.#raw = new RawKeyboard(process.stdin, {
      keys: (bytes) => this.typist.type(bytes),
      leave: this.leave,
    });
    return true;
  }

  [Symbol.dispose](): void {
    this.#raw?.[Symbol.dispose]();
  }
}
