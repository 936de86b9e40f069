import type { Secret } from '@turingpi/foundation';
import type { DialogueRule } from './run-dialogue.js';

/** Who logs in at a console. */
export interface ConsoleLogin {
  readonly username: string;
  readonly password: Secret;
}

/** A shell's prompt at the end of the text: `name@host:~$ `, `root@host:~# `, or a bare `$ ` or `# `. */
export const SHELL_PROMPT = /(?:^|\n)[^\n]{0,120}[$#] $/;

/** The prompt of getty at the end of the text, whatever the host is called; not the `Last login: ` of a greeting. */
export const LOGIN_PROMPT = /(?:^|\n)(?!last )[^\s:]{0,64} ?login: ?$/i;

/**
 * The questions of `login` on a serial console.
 *
 * @remarks The prompt carries whatever the host is called (or `localhost`), so the name is not assumed.
 */
export function consoleLoginRules({ username, password }: ConsoleLogin): DialogueRule[] {
  return [
    { name: 'login', when: LOGIN_PROMPT, reply: username, limit: 2 },
    { name: 'password', when: /(?:^|\n)password: ?$/i, reply: password, limit: 2 },
    { name: 'login-incorrect', when: /login incorrect|login timed out/i, end: true },
    { name: 'shell', when: SHELL_PROMPT, end: true },
  ];
}
