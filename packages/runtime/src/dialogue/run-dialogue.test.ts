import { Secret } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { consoleLoginRules } from './console-login.js';
import { passwordChangeRules } from './password-prompts.js';
import { type DialogueRule, runDialogue } from './run-dialogue.js';
import type { TextChannel } from './text-channel.js';

/** A channel that plays a script: `<` what it says, `>` what it must be told before it goes on. */
class ScriptedChannel implements TextChannel {
  readonly told: string[] = [];
  #wake: (() => void) | undefined;

  constructor(
    readonly script: readonly (string | { readonly expect: string })[],
    readonly pieces = 3,
  ) {}

  get output(): AsyncIterable<string> {
    return this.#play();
  }

  async sendLine(line: string): Promise<void> {
    this.told.push(line);
    this.#wake?.();
  }

  async *#play(): AsyncGenerator<string> {
    let heard = 0;
    for (const step of this.script) {
      if (typeof step === 'string') {
        // In small pieces, because channels break text anywhere.
        for (let at = 0; at < step.length; at += this.pieces) yield step.slice(at, at + this.pieces);
        continue;
      }
      while (this.told.length <= heard) await new Promise<void>((resolve) => (this.#wake = resolve));
      expect(this.told[heard]).toBe(step.expect);
      heard += 1;
    }
  }
}

const change = passwordChangeRules({ current: new Secret('old-one'), next: new Secret('new-one') });

describe('runDialogue', () => {
  it.each([
    [
      'OpenSSH with PAM',
      [
        'WARNING: Your password has expired.\r\nYou must change your password now and login again!\r\nChanging password for ubuntu.\r\nCurrent password: ',
        { expect: 'old-one' },
        '\r\nNew password: ',
        { expect: 'new-one' },
        '\r\nRetype new password: ',
        { expect: 'new-one' },
        '\r\npasswd: password updated successfully\r\n',
      ],
    ],
    [
      'older PAM, coloured',
      [
        '\u001b[1mYou are required to change your password immediately (root enforced)\u001b[0m\r\n(current) UNIX password: ',
        { expect: 'old-one' },
        '\r\nEnter new UNIX password: ',
        { expect: 'new-one' },
        '\r\nRetype new UNIX password: ',
        { expect: 'new-one' },
        '\r\npasswd: all authentication tokens updated successfully.\r\n',
      ],
    ],
  ])('changes a password as %s asks for it', async (_name, script) => {
    for (const pieces of [1, 3, 1000]) {
      const channel = new ScriptedChannel(script, pieces);
      const { ended } = await runDialogue(channel, change, { place: 'node', timeoutMs: 5_000 });
      expect(ended).toBe('changed');
      expect(channel.told).toEqual(['old-one', 'new-one', 'new-one']);
    }
  });

  it('reports a refusal, without the passwords', async () => {
    const channel = new ScriptedChannel([
      'Current password: ',
      { expect: 'old-one' },
      '\r\nNew password: ',
      { expect: 'new-one' },
      'new-one\r\nBAD PASSWORD: The password is shorter than 8 characters\r\n',
    ]);
    const { ended, transcript } = await runDialogue(channel, change, { place: 'node', timeoutMs: 5_000 });
    expect(ended).toBe('refused');
    expect(transcript).toContain('[secret]');
    expect(transcript).not.toContain('new-one');
  });

  it('logs in on a serial console whatever the host is called', async () => {
    const login = consoleLoginRules({ username: 'root', password: new Secret('1234') });
    const channel = new ScriptedChannel([
      '[   12.3] kernel chatter\r\nArmbian 25.2 turing-rk1 ttyS0\r\n\r\nturing-rk1 login: ',
      { expect: 'root' },
      'root\r\nPassword: ',
      { expect: '1234' },
      '\r\nLast login: never\r\nroot@turing-rk1:~# ',
    ]);
    expect(await runDialogue(channel, login, { place: 'console', timeoutMs: 5_000 })).toMatchObject({
      ended: 'shell',
      applied: ['login', 'password', 'shell'],
    });
  });

  it('fails with a code when time is over, the channel ends, or a question is repeated for ever', async () => {
    const silent: TextChannel = {
      output: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) },
      sendLine: () => Promise.resolve(),
    };
    await expect(runDialogue(silent, change, { place: 'node', timeoutMs: 20 })).rejects.toMatchObject({
      code: 'DIALOGUE_TIMEOUT',
    });
    const reason = new Error('enough');
    const aborted = runDialogue(silent, change, { place: 'node', signal: AbortSignal.timeout(5) });
    await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(
      runDialogue(silent, change, { place: 'node', signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    await expect(
      runDialogue(new ScriptedChannel(['bye\n']), change, { place: 'node' }),
    ).rejects.toMatchObject({ code: 'DIALOGUE_ENDED', message: expect.stringContaining('bye') as string });
    const nagging: DialogueRule[] = [{ name: 'name', when: /name\?/, reply: 'me', limit: 2 }];
    await expect(
      runDialogue(new ScriptedChannel(['name? name? name? ']), nagging, { place: 'node' }),
    ).rejects.toMatchObject({ code: 'DIALOGUE_STUCK' });
  });
});
