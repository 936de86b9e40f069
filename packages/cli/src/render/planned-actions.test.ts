import { expect, it } from 'vitest';
import { linesOfActions } from './planned-actions.js';

it.each([
  ['none', { kept: 3, again: [] }, ['3 actions stay done']],
  ['none, of one', { kept: 1, again: [] }, ['1 action stays done']],
  ['none, as there are none', { kept: 0, again: [] }, ['there are no actions']],
  [
    'all',
    { kept: 0, from: 0, run: ['remote.aptInstall nginx', 'local.runCommand make'], again: [] },
    ['all actions:', '  apt install: nginx', '  run command on this computer: make'],
  ],
  [
    'some, again, and after a question',
    {
      ...{ kept: 1, from: 1, run: ['remote.runCommand a', 'remote.runCommand b', 'site.restart'] },
      ...{ again: ['remote.runCommand a', 'remote.runCommand b'], asks: ['remote.runCommand b'] },
    },
    [
      'actions from number 2 on:',
      '  run command: a (done before)',
      '  run command: b (done before; asked about before it repeats)',
      '  site.restart',
    ],
  ],
  [
    'those that only a run knows',
    { kept: 0, from: 0, again: ['remote.runCommand a'], asks: ['remote.runCommand a'] },
    [
      'all actions',
      'done before, and again:',
      '  run command: a',
      'asked about before they repeat:',
      '  run command: a',
    ],
  ],
  ['all of none', { kept: 0, from: 0, run: [], again: [] }, ['all actions: there are none']],
])('%s', (_what, actions, lines) => {
  expect(linesOfActions(actions)).toEqual(lines);
});
