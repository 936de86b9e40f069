import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey } from 'ssh2';
import { parsePrivateKey } from '../keys/private-key.js';
import { RuntimeError } from '../runtime-error.js';
import { agentSocket } from './agent-socket.js';
import { describeTarget, type SshTarget } from './ssh-target.js';

/**
 * The login methods of a target, in the order in which they are tried.
 *
 * @throws RuntimeError `SSH_AUTH_MISSING` when there is nothing to log in with, `SSH_PRIVATE_KEY_INVALID` for a key
 * that cannot be read (or whose passphrase is wrong).
 */
export function authenticationMethods(target: SshTarget): AnyAuthMethod[] {
  const { username, auth } = target;
  const methods: AnyAuthMethod[] = [];
  if (auth.privateKey !== undefined) {
    const key = parsePrivateKey(auth.privateKey, auth.passphrase) as ParsedKey; // ssh2 has made it
    methods.push({ type: 'publickey', username, key });
  }
  const agent = auth.agent === true ? agentSocket() : auth.agent;
  if (typeof agent === 'string') methods.push({ type: 'agent', username, agent });
  if (auth.password !== undefined) {
    const password = auth.password.reveal();
    methods.push({ type: 'password', username, password });
    methods.push({
      type: 'keyboard-interactive',
      username,
      // One hidden question is the password; anything else (a one-time code, a password change) is not ours to answer.
      prompt: (_name, _instructions, _language, prompts, finish) => {
        finish(prompts.length === 1 && prompts[0]?.echo !== true ? [password] : prompts.map(() => ''));
      },
    });
  }
  if (methods.length === 0)
    throw new RuntimeError(
      'SSH_AUTH_MISSING',
      `There is nothing to log in with at ${describeTarget(target)}.`,
      {
        hint:
          auth.agent === true
            ? 'No SSH agent is running (SSH_AUTH_SOCK is not set). Start one, or give a private key or a password.'
            : 'Give a private key, a password, or use the SSH agent.',
      },
    );
  return methods;
}

/** Tries the methods one after the other; a method that the server does not offer is passed over. */
export function authenticationHandler(target: SshTarget): AuthHandlerMiddleware {
  const methods = authenticationMethods(target);
  return (offered, _partial, next) => {
    for (let method = methods.shift(); method !== undefined; method = methods.shift()) {
      const name = method.type === 'agent' ? 'publickey' : method.type;
      // The list is null (not undefined) before the first attempt: the server has not said yet.
      if ((offered as readonly string[] | null)?.includes(name) !== false) {
        next(method);
        return;
      }
    }
    next(false as unknown as AnyAuthMethod); // `false` ends the attempts; the typings know only of methods
  };
}
