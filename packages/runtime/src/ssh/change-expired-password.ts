import type { Secret } from '@turingpi/foundation';
import { lastLines } from '../command/command-failure.js';
import { passwordChangeRules } from '../dialogue/password-prompts.js';
import { runDialogue } from '../dialogue/run-dialogue.js';
import { SHELL_PROMPT } from '../dialogue/console-login.js';
import { RuntimeError } from '../runtime-error.js';
import { connectSsh } from './connect-ssh.js';
import type { ConnectSshOptions } from './connect-ssh-options.js';
import { describeTarget, type SshTarget } from './ssh-target.js';

export interface ChangePasswordOptions extends ConnectSshOptions {
  readonly newPassword: Secret;
  /** For the dialogue; milliseconds, default 60 seconds. */
  readonly timeoutMs?: number;
}

/**
 * Logs in where the password must be changed first, changes it, and logs out.
 *
 * @remarks OpenSSH lets such a login in but runs only `passwd`, on a terminal.
 * @throws RuntimeError as `connectSsh`, `SSH_AUTH_MISSING` without a current password, and
 * `SSH_PASSWORD_CHANGE_FAILED` with the node's reason (or when no change was asked for).
 */
export async function changeExpiredPassword(
  target: SshTarget,
  options: ChangePasswordOptions,
): Promise<void> {
  const { signal, newPassword: next } = options;
  const current = target.auth.password;
  const place = describeTarget(target);
  if (current === undefined)
    throw new RuntimeError('SSH_AUTH_MISSING', `The current password of ${place} is needed to change it.`);
  await using session = await connectSsh(target, options);
  await using terminal = await session.openTerminal({ signal });
  const rules = [
    ...passwordChangeRules({ current, next }),
    { name: 'not-asked', when: SHELL_PROMPT, end: true as const },
  ];
  const { ended, transcript } = await runDialogue(terminal, rules, {
    signal,
    place,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  }).catch((error: unknown) => {
    if (!(error instanceof RuntimeError) || !error.code.startsWith('DIALOGUE_')) throw error;
    throw new RuntimeError(
      'SSH_PASSWORD_CHANGE_FAILED',
      `The password of ${place} was not changed. ${error.message}`,
      {
        cause: error,
      },
    );
  });
  if (ended === 'changed') return;
  const why = ended === 'not-asked' ? 'the node does not ask for a change' : lastLines(transcript);
  throw new RuntimeError('SSH_PASSWORD_CHANGE_FAILED', `The password of ${place} was not changed: ${why}`, {
    hint:
      ended === 'not-asked'
        ? 'This login needs no new password; use it as it is.'
        : 'The node refuses the new password; choose a longer or less common one.',
  });
}
