import type { ActionView } from '../../src/model/run-view.js';
import { count } from '../text/format.js';

/** How many actions there are, and how they ended: `12 actions: 2 on record, 7 changed something, 3 changed nothing`. */
export function tallyOf(actions: readonly ActionView[]): string {
  const amount = (matches: (action: ActionView) => boolean) => actions.filter(matches).length;
  const parts = [
    [amount(({ status }) => status === 'failed'), 'failed'],
    [amount(({ status }) => status === 'running'), 'running'],
    [amount(({ status }) => status === 'aborted'), 'stopped'],
    [amount(({ status }) => status === 'replayed'), 'on record'],
    [amount(({ changed }) => changed === true), 'changed something'],
    [amount(({ status, changed }) => status === 'completed' && changed === false), 'changed nothing'],
    [amount(({ status, changed }) => status === 'completed' && changed === undefined), 'done'],
  ] as const;
  const told = parts.filter(([each]) => each > 0).map(([each, what]) => `${each} ${what}`);
  return `${count(actions.length, 'action')}: ${told.join(', ')}`;
}
