import { expect, it } from 'vitest';
import { unappliedSettings } from './unapplied-settings.js';

const ON_RECORD = {
  ...{ os: 'ubuntu', base: 'ab', preInstall: 'cd', 'network.hostname': 'one', timezone: 'Etc/UTC' },
  'user.sshKeys': ['a', 'b'],
};

it('is nothing where all is as on record, whatever is known of the base alone', () => {
  const { base: _base, preInstall: _files, ...wanted } = ON_RECORD;
  expect(unappliedSettings(ON_RECORD, wanted)).toEqual([]);
});

it('is what is another by now, what is new, and keys that are let in no more', () => {
  const found = unappliedSettings(ON_RECORD, {
    ...{ os: 'ubuntu', 'network.hostname': 'two', locale: 'C.UTF-8' },
  });
  expect(found.map(({ action, diff }) => [action, diff])).toEqual([
    ['network.hostname', '-one\n+two'],
    ['locale', '+C.UTF-8'],
    ['user.sshKeys', '-a\n-b'],
  ]);
  expect(found[0]).toMatchObject({ kind: 'setting', state: 'would change' });
});
