import type { Secret } from '@turingpi/foundation';
import type { DialogueRule } from './run-dialogue.js';

/** What is known about the account whose password is to be changed. */
export interface PasswordChange {
  readonly current: Secret;
  readonly next: Secret;
}

/**
 * The questions of `passwd` and PAM when a password must be changed, and Armbian's first-login wizard's.
 *
 * @remarks Wordings: shadow's passwd and pam_unix ("Current password:", before PAM 1.3 "(current) UNIX password:",
 * "New password:", "Retype new password:"), Armbian ("Create root password:", "Repeat root password:").
 */
export function passwordChangeRules({ current, next }: PasswordChange): DialogueRule[] {
  return [
    { name: 'current-password', when: /\(?current\)? (unix )?password: ?$/i, reply: current, limit: 1 },
    {
      name: 'new-password',
      when: /(enter )?(?<!retype )(?<!re-enter )new (unix )?password: ?$/i,
      reply: next,
      limit: 1,
    },
    {
      name: 'retype-password',
      when: /(retype|re-enter|repeat)[^\n]{0,20} password: ?$/i,
      reply: next,
      limit: 1,
    },
    { name: 'create-password', when: /create root password: ?$/i, reply: next, limit: 1 },
    {
      name: 'changed',
      when: /password updated successfully|password changed|all authentication tokens updated/i,
      end: true,
    },
    {
      name: 'refused',
      when: /bad password|password unchanged|token manipulation error|token lock busy|passwords? do(es)? not match|you must (choose|wait)[^\n]*|password is too [^\n]*|authentication failure/i,
      end: true,
    },
  ];
}
