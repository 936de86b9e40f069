import type { BoardDriver, BoardOperation } from '@turingpi/provisioning';
import type { TextChannel } from '@turingpi/runtime';
import type { FirstBoot } from '../first-boot/first-boot.js';
import { ConsoleChannel } from './console-channel.js';
import { ConsoleLog } from './console-log.js';
import { type ConsoleDiagnosis, diagnoseConsole } from './diagnose-console.js';

const NOTABLE = /systemd\[1\]: (Started|Reached)|cloud-init|login:|Starting kernel/;
const CLOUD_INIT_FINISHED = /Cloud-init v\. \S+ finished/;
const LOGIN_PROMPT = /(?<!^last )\blogin:$/i;

/** Follows a node's console beside another wait: for its diagnosis when that fails, and for dialogues. */
export class ConsoleWatch implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #fatal = new AbortController();
  readonly #log = new ConsoleLog();
  readonly #channels = new Set<ConsoleChannel>();
  readonly #following: Promise<void>;
  #heardAt = performance.now();
  #cloudInitFinished = false;
  #loginPrompt = false;

  constructor(
    private readonly board: BoardDriver,
    private readonly operation: BoardOperation,
    private readonly expectedAddress: string,
  ) {
    this.#following = this.#follow();
  }

  /** Fires when the console shows that waiting is useless. */
  get fatal(): AbortSignal {
    return this.#fatal.signal;
  }

  get diagnosis(): ConsoleDiagnosis | undefined {
    return diagnoseConsole(this.#log.tail(), this.expectedAddress);
  }

  /** How long the console has been silent, in milliseconds. */
  get silentForMs(): number {
    return performance.now() - this.#heardAt;
  }

  /** Whether the console has shown that nothing more will change about accounts: the end of cloud-init, else a login prompt. */
  isFirstBootOver(firstBoot: FirstBoot): boolean {
    return firstBoot === 'cloud-init' ? this.#cloudInitFinished : this.#loginPrompt;
  }

  tail(count: number): readonly string[] {
    return this.#log.tail(count);
  }

  /**
   * Opens the console for a dialogue.
   *
   * @param from - `now`: what is printed from now on; `tail`: the last lines first, where a prompt may stand already
   */
  openChannel(from: 'now' | 'tail'): TextChannel {
    const channel = new ConsoleChannel((line) => this.board.sendConsoleLine(this.operation, line));
    const tail = this.#log.tail(2).join('\n');
    if (from === 'tail' && tail !== '') channel.hear(`\n${tail} `); // prompts end with a blank, which a tail has not
    if (this.#stop.signal.aborted) channel.end();
    this.#channels.add(channel);
    return channel;
  }

  async #follow(): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.operation.signal]);
    try {
      for await (const text of this.board.followConsole({ ...this.operation, signal })) this.#hear(text);
    } catch (error) {
      // Without a console there is just no diagnosis: the wait itself goes on.
      if (!signal.aborted)
        this.operation.logger.warn({ err: error }, 'the serial console cannot be followed');
    } finally {
      for (const channel of this.#channels) channel.end();
    }
  }

  #hear(text: string): void {
    this.#heardAt = performance.now();
    const lines = this.#log.append(text);
    for (const channel of this.#channels) channel.hear(text);
    const note = lines.findLast((line) => NOTABLE.test(line));
    if (note !== undefined) this.operation.progress({ activity: 'wait for SSH', note: note.slice(0, 120) });
    this.#cloudInitFinished ||= lines.some((line) => CLOUD_INIT_FINISHED.test(line));
    this.#loginPrompt ||= [...lines, ...this.#log.tail(1)].some((line) => LOGIN_PROMPT.test(line));
    // Only finished lines: half a message would be a half diagnosis.
    if (diagnoseConsole(this.#log.lines, this.expectedAddress)?.fatal === true)
      this.#fatal.abort(new Error('the console shows that the node cannot start'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('no longer needed'));
    await this.#following;
  }
}
