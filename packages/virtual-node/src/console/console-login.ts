import { PassThrough } from 'node:stream';
import { StreamedInput } from '../shell/standard-input.js';
import { changePasswordDialogue, serveTerminal, type Terminal } from '../ssh/terminal-service.js';
import type { NodeSystem } from '../system/node-system.js';
import { loginPrompt } from './boot-log.js';

/** The login on a node's serial console: name, password, a change of it where that is due, and a shell. */
export class ConsoleLogin {
  readonly #typed = new PassThrough();
  readonly #terminal: Terminal;

  constructor(
    private readonly system: NodeSystem,
    private readonly print: (text: string) => void,
  ) {
    const say = (text: string): void => print(text.replaceAll(/\r?\n/g, '\r\n'));
    this.#terminal = { lines: new StreamedInput(this.#typed), say, complain: say, interactive: true };
  }

  /** Takes what was typed, with its line end. */
  type(data: string): void {
    this.#typed.write(data.replaceAll(/\r\n?/g, '\n'));
  }

  /** Serves one login after the other, until the system goes down. */
  async serve(issue: string): Promise<void> {
    const { lines, say } = this.#terminal;
    this.system.signal.addEventListener('abort', () => this.#typed.end(), { once: true });
    while (!this.system.signal.aborted) {
      this.print(loginPrompt(issue, await this.system.hostname()));
      const name = await lines.readLine();
      if (name === undefined) return;
      say(`${name}\n`);
      if (name.trim() === '') continue;
      say('Password: ');
      const password = await lines.readLine();
      say('\n');
      const account = await this.system.accounts.find(name.trim());
      if (
        account === undefined ||
        password === undefined ||
        !this.system.accounts.passwordFits(account, password)
      ) {
        say('\nLogin incorrect\n');
        continue;
      }
      if (
        account.mustChangePassword &&
        (await changePasswordDialogue(this.system, account, this.#terminal)) !== 0
      )
        continue;
      await serveTerminal(this.system, account, this.#terminal);
    }
  }
}
