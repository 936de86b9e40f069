import { NODE_COMMANDS } from '../command/node-commands.js';
import { ShellExit } from '../shell/shell-jump.js';
import { ShellSession } from '../shell/shell-session.js';
import { BufferedInput, type StandardInput } from '../shell/standard-input.js';
import type { Account } from '../system/accounts.js';
import type { NodeSystem } from '../system/node-system.js';

const MINIMUM_LENGTH = 6; // pam_unix's default

/** Where somebody types and reads: a terminal over SSH, the serial console, or a pipe. */
export interface Terminal {
  readonly lines: StandardInput;
  /** Takes text with plain line ends. */
  readonly say: (text: string) => void;
  /** Where errors go; the same place on a terminal. */
  readonly complain: (text: string) => void;
  /** Whether there are prompts and echo. */
  readonly interactive: boolean;
}

/** A login shell: reads lines until `exit` or the end of input. @returns the exit status. */
export async function serveTerminal(
  system: NodeSystem,
  account: Account,
  terminal: Terminal,
): Promise<number> {
  const shell = new ShellSession(system, account, NODE_COMMANDS);
  const out = (data: string | Uint8Array): void => terminal.say(Buffer.from(data as string).toString('utf8'));
  const err = (data: string | Uint8Array): void =>
    terminal.complain(Buffer.from(data as string).toString('utf8'));
  const prompt = `${account.name}@${await system.hostname()}:~${account.uid === 0 ? '#' : '$'} `;
  for (;;) {
    if (terminal.interactive) out(prompt);
    const line = await terminal.lines.readLine();
    if (line === undefined) return shell.status;
    if (terminal.interactive) out(`${line}\n`); // a terminal echoes what is typed
    try {
      if (line.trim() !== '')
        await shell.runHere(line, { input: new BufferedInput(Buffer.alloc(0)), out, err });
    } catch (error) {
      if (error instanceof ShellExit) return error.status;
      if (system.signal.aborted) throw error;
      err(`sh: 1: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    await system.sync();
  }
}

/** What sshd and login run instead of a shell when the password must be changed: `passwd`, and then the end. */
export async function changePasswordDialogue(
  system: NodeSystem,
  account: Account,
  { lines, say }: Terminal,
): Promise<number> {
  const ask = async (question: string): Promise<string | undefined> => {
    say(question);
    const answer = await lines.readLine();
    say('\n');
    return answer;
  };
  say('WARNING: Your password has expired.\nYou must change your password now and login again!\n');
  say(`Changing password for ${account.name}.\n`);
  const current = await ask('Current password: ');
  if (current === undefined || !system.accounts.passwordFits(account, current)) {
    say('passwd: Authentication token manipulation error\npasswd: password unchanged\n');
    return 10;
  }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const first = await ask('New password: ');
    if (first === undefined) break;
    if (first.length < MINIMUM_LENGTH) {
      say(`You must choose a longer password.\n`);
      continue;
    }
    const second = await ask('Retype new password: ');
    if (second !== first) {
      say('Sorry, passwords do not match.\n');
      continue;
    }
    if (first === current) {
      say('Password unchanged\n');
      continue;
    }
    await system.privileged(() => system.accounts.setPassword(account.name, first));
    system.changed();
    await system.sync();
    say('passwd: password updated successfully\n');
    return 0;
  }
  say('passwd: Authentication token manipulation error\npasswd: password unchanged\n');
  return 10;
}
