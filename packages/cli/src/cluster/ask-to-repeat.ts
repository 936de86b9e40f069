import type { RepeatApproval } from '@turingpi/core';
import { canAsk, confirm } from '../process/confirm.js';
import type { Terminal } from '../process/terminal.js';
import { printable } from '../render/printable.js';
import type { Reporter } from '../render/reporter.js';

/**
 * Who says whether actions are repeated: the person at the terminal, one question after the other also when several nodes
 * come to one; else nobody, and the next run asks again.
 */
export function repeatApproval(terminal: Terminal, reporter: Pick<Reporter, 'aside'>): RepeatApproval {
  if (!canAsk(terminal)) return false;
  let asked: Promise<unknown> = Promise.resolve();
  return ({ node, action, note }) => {
    const what = printable(note === undefined ? action : `${action} ${note}`);
    const question = `${node}: "${what}" was done already, and an action before it has changed. Do it again?`;
    const answer = asked.then(() => reporter.aside(() => confirm(question, {}, terminal)));
    asked = answer.catch(() => undefined);
    return answer;
  };
}
