import {
  consoleLoginRules,
  type DialogueOptions,
  type DialogueRule,
  LOGIN_PROMPT,
  passwordChangeRules,
  runDialogue,
  RuntimeError,
  SHELL_PROMPT,
  type TextChannel,
} from '@turingpi/runtime';
import { LinuxError } from '../linux-error.js';
import type { FirstLogin } from '@turingpi/provisioning';

const CONTROL_C = '\u0003';
/** A message of the kernel that was printed behind the prompt, which nobody will repeat by itself. */
const COVERED_PROMPT: DialogueRule = {
  name: 'covered-prompt',
  when: /login: ?(?:\r?\n)?\[ *\d+\.\d+\][^\n]*\n$/i,
  reply: '',
  limit: 10,
};
/** Armbian's first-login wizard, once it has root's password: it goes on with another user, which is not wanted. */
const WIZARD_GOES_ON: DialogueRule = {
  name: 'wizard-goes-on',
  when: /choose default system command shell|please provide a username|creating a new user account/i,
  reply: CONTROL_C,
  end: true,
};

export interface ConsoleDialogueOptions extends DialogueOptions {
  /** Ask for the prompt with an empty line. Not while the boot loader may be listening: it would stop the boot. */
  readonly nudge: boolean;
}

/** The rules until the new password has been typed twice. */
function changeRules({ username, shippedPassword: current, newPassword: next }: FirstLogin): DialogueRule[] {
  return [
    COVERED_PROMPT,
    ...consoleLoginRules({ username, password: current }),
    ...passwordChangeRules({ current, next }).map((rule) =>
      rule.name === 'retype-password' ? { ...rule, end: true as const } : rule,
    ),
  ];
}

/** What may follow: `passwd` says that it is done, `login` just goes on to a shell or asks for the name again. */
function outcomeRules({ shippedPassword: current, newPassword: next }: FirstLogin): DialogueRule[] {
  const said = passwordChangeRules({ current, next }).filter(({ end }) => end === true);
  return [
    ...said,
    WIZARD_GOES_ON,
    { name: 'changed', when: SHELL_PROMPT, end: true },
    { name: 'login-incorrect', when: /login incorrect/i, end: true },
    { name: 'login', when: LOGIN_PROMPT, end: true },
  ];
}

/**
 * Logs in on the serial console with the login that an image ships, and changes the password: at its own question, or
 * with `passwd` where nothing asks.
 *
 * @throws LinuxError `FIRST_LOGIN_FAILED` with the last lines of the dialogue; the signal's reason when it fires.
 */
export async function changePasswordOnConsole(
  console: TextChannel,
  login: FirstLogin,
  options: ConsoleDialogueOptions,
): Promise<void> {
  const hold = (rules: readonly DialogueRule[]) => runDialogue(console, rules, options);
  try {
    const rules = changeRules(login);
    if (options.nudge) await console.sendLine('');
    let result = await hold(rules);
    if (result.ended === 'shell') {
      await console.sendLine('passwd');
      result = await hold(rules.filter(({ name }) => name !== 'shell'));
    }
    if (result.ended === 'retype-password') result = await hold(outcomeRules(login));
    if (result.ended !== 'changed' && result.ended !== 'wizard-goes-on' && result.ended !== 'login')
      throw refused(options.place, result.ended, result.transcript);
  } catch (error) {
    if (!(error instanceof RuntimeError) || !error.code.startsWith('DIALOGUE_')) throw error;
    throw new LinuxError('FIRST_LOGIN_FAILED', `the first login failed: ${error.message}`, {
      cause: error,
      hint: 'Does the image ship another login? Give it with firstLogin: { username, password }.',
    });
  }
  // A shell would stay open for whoever looks at the console; at a login prompt this is just a name that nobody has.
  await console.sendLine('exit');
}

function refused(place: string, ended: string, transcript: string): LinuxError {
  const last = transcript.trim().split('\n').slice(-3).join(' | ');
  return new LinuxError('FIRST_LOGIN_FAILED', `${place} refuses the first login (${ended}): ${last}`, {
    hint:
      ended === 'login-incorrect'
        ? 'The image ships another login: give it with firstLogin: { username, password }.'
        : 'The node refuses the new password; choose a longer or less common one.',
  });
}
