import { actionCases, type ActionSubject } from '@turingpi/conformance';
import linuxPlugin from '@turingpi/linux';
import provisioningPlugin from '@turingpi/provisioning';
import { describe, it } from 'vitest';

const run = (command: string, more: object = {}) => ({ command, ...more });
const write = (content: string) => ({ path: '/etc/motd', content });

const SUBJECTS: readonly Omit<ActionSubject, 'plugin'>[] = [
  {
    id: 'run',
    input: run('uptime', { sudo: false }),
    otherInput: run('uptime'),
    inputWith: (input) => run('chpasswd', { input }),
    step: { run: 'uptime', sudo: false },
    wrongSteps: [
      { step: { run: [], sudo: 'no' }, keys: ['run', 'sudo'] },
      { step: { run: 'uptime', sduo: true }, keys: ['sduo'] },
    ],
  },
  {
    id: 'copy',
    files: { one: '1', other: '2' },
    input: { source: 'one', path: '/opt/app' },
    otherInput: { source: 'other', path: '/opt/app' },
    step: { copy: { source: 'one', path: '/opt/app' } },
    wrongSteps: [
      {
        step: { copy: { source: '', path: 'app', mode: '999' } },
        keys: ['copy.mode', 'copy.path', 'copy.source'],
      },
    ],
  },
  {
    id: 'write',
    input: write('hello'),
    otherInput: write('good bye'),
    inputWith: write,
    step: { write: write('hello') },
    wrongSteps: [{ step: { write: { path: 'motd' } }, keys: ['write.content', 'write.path'] }],
  },
  { id: 'read', input: { path: '/etc/motd' }, otherInput: { path: '/etc/issue' } },
  {
    id: 'reboot',
    input: {},
    step: { reboot: true },
    wrongSteps: [{ step: { reboot: false }, keys: ['reboot'] }],
  },
  {
    id: 'runLocal',
    input: { command: ['make'] },
    otherInput: { command: ['make', 'all'] },
    inputWith: (input) => ({ command: ['make'], input }),
    step: { runLocal: ['make'] },
    wrongSteps: [{ step: { runLocal: 'make' }, keys: ['runLocal'] }],
  },
];

describe.each(SUBJECTS)('the action $id', (subject) => {
  for (const { name, run: check } of actionCases({ plugin: provisioningPlugin, ...subject })) it(name, check);
});

describe('the action apt', () => {
  const cases = actionCases({
    plugin: linuxPlugin,
    id: 'apt',
    input: ['htop'],
    otherInput: ['htop', 'jq'],
    step: { apt: ['htop'] },
    wrongSteps: [{ step: { apt: ['htop', '; reboot', '-y'] }, keys: ['apt[1]', 'apt[2]'] }],
  });
  for (const { name, run: check } of cases) it(name, check);
});
