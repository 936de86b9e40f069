import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';

export interface PseudoTerminalOptions {
  readonly columns: number;
  /** Default: 40. */
  readonly rows?: number;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program in a pseudo-terminal of its own, as tmux draws it. Its screen stays when the program has ended. */
export class PseudoTerminal implements AsyncDisposable {
  private constructor(private readonly folder: string) {}

  /** @param command - the program and its arguments */
  static async open(
    command: readonly string[],
    { columns, rows = 40, cwd, env = {} }: PseudoTerminalOptions,
  ): Promise<PseudoTerminal> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-tmux-'));
    const terminal = new PseudoTerminal(folder);
    const settings = path.join(folder, 'settings');
    await writeFile(
      settings,
      'set -g remain-on-exit on\nset -g remain-on-exit-format ""\nset -g status off\n',
    );
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(TPI_|CI$|NO_COLOR$|FORCE_COLOR$|TMUX)/.test(name),
    );
    await execa(
      'tmux',
      [
        ...['-S', terminal.#socket, '-f', settings, 'new-session', '-d', '-c', cwd],
        ...['-x', String(columns), '-y', String(rows), '--', ...command],
      ],
      { env: { ...Object.fromEntries(clean), LC_ALL: 'C.UTF-8', ...env }, extendEnv: false },
    );
    return terminal;
  }

  /** Types text as it is, without Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Presses a key by its name: `Enter`, `Tab`, `C-c`. */
  async press(key: string): Promise<void> {
    await this.#tmux('send-keys', key);
  }

  /** What is on the screen, without what is empty at the end of lines and below the last one. */
  async screen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p')).trimEnd();
  }

  /** Whether a line was too long, and goes on in the next one because the terminal ends. */
  async overflows(): Promise<boolean> {
    // Joined, lines keep the blanks at their ends.
    const joined = await this.#tmux('capture-pane', '-p', '-J');
    return joined.trimEnd().split('\n').length !== (await this.screen()).split('\n').length;
  }

  /** Waits until the screen shows something. @returns The screen. */
  async shows(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    await expect.poll(() => this.screen(), { timeout: timeoutMs, interval: 50 }).toMatch(pattern);
    return this.screen();
  }

  /** Waits until the program has ended. @returns Its exit code. */
  async ended(timeoutMs = 60_000): Promise<number> {
    const state = () => this.#tmux('display-message', '-p', '#{pane_dead} #{pane_dead_status}');
    await expect.poll(state, { timeout: timeoutMs, interval: 50 }).toMatch(/^1 \d+$/);
    return Number((await state()).split(' ')[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined); // it may have ended with its program
    await rm(this.folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return path.join(this.folder, 'socket');
  }

  async #tmux(...words: readonly string[]): Promise<string> {
    return (await execa('tmux', ['-S', this.#socket, ...words])).stdout;
  }
}
