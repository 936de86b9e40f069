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
      { step: { run: 'uptime', env: { 'A-B': '' }, cwd: 'app' }, keys: ['cwd', 'env.A-B'] },
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
    id: 'copyDirectory',
    files: { 'site/one': '1' },
    input: { source: 'site', path: '/opt/app' },
    otherInput: { source: 'site', path: '/opt/other' },
    step: { copyDirectory: { source: 'site', path: '/opt/app' } },
    wrongSteps: [
      {
        step: { copyDirectory: { source: '', path: 'app' } },
        keys: ['copyDirectory.path', 'copyDirectory.source'],
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
  {
    id: 'template',
    files: { one: 'a {{ node.id }}', other: 'b {{ name }}' },
    input: { source: 'one', path: '/etc/app' },
    otherInput: { source: 'other', path: '/etc/app', values: { name: 'x' } },
    inputWith: (name) => ({ source: 'other', path: '/etc/app', values: { name } }),
    step: { template: { source: 'one', path: '/etc/app' } },
    wrongSteps: [{ step: { template: { source: 'one', path: 'app' } }, keys: ['template.path'] }],
  },
  {
    ...subjectOf('lineInFile', (line) => ({ path: '/etc/hosts', line, create: true })),
    wrongSteps: [
      {
        step: { lineInFile: { path: '/etc/hosts', line: 'two\nlines', match: '(' } },
        keys: ['lineInFile.line', 'lineInFile.match'],
      },
    ],
  },
  {
    ...subjectOf('blockInFile', (block) => ({ path: '/etc/hosts', name: 'app', block, create: true })),
    wrongSteps: [
      { step: { blockInFile: { path: '/x', name: 'a b', block: '' } }, keys: ['blockInFile.name'] },
    ],
  },
  {
    id: 'symlink',
    input: { path: '/etc/app', target: '/opt/app' },
    otherInput: { path: '/etc/app', target: '/opt/other' },
    step: { symlink: { path: '/etc/app', target: '/opt/app' } },
    wrongSteps: [{ step: { symlink: { path: '/etc/app' } }, keys: ['symlink.target'] }],
  },
  {
    id: 'remove',
    input: { paths: ['/etc/app'] },
    otherInput: { paths: ['/etc/other'], recursive: true },
    step: { remove: '/etc/app' },
    wrongSteps: [{ step: { remove: '/etc', recursive: 1 }, keys: ['recursive', 'remove'] }],
  },
  {
    id: 'mkdir',
    input: { path: '/srv/app' },
    otherInput: { path: '/srv/app', mode: 0o700 },
    step: { mkdir: '/srv/app' },
    wrongSteps: [{ step: { mkdir: 5 }, keys: ['mkdir'] }],
  },
  {
    id: 'waitFor',
    input: { run: 'true' },
    otherInput: { file: '/run/ready' },
    step: { waitFor: { run: 'true' } },
    wrongSteps: [{ step: { waitFor: true }, keys: ['waitFor'] }],
  },
];

/** Of an action whose input has one text that may be secret. */
function subjectOf(id: string, inputWith: (text: string) => object) {
  const input = inputWith('hello');
  return { id, input, otherInput: inputWith('good bye'), inputWith, step: { [id]: input } };
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';
const REPOSITORY = { name: 'app', keyFile: 'key.asc', uris: ['https://deb.example.org'], suites: ['stable'] };

const LINUX_SUBJECTS: readonly Omit<ActionSubject, 'plugin'>[] = [
  {
    id: 'apt',
    input: ['htop'],
    otherInput: ['htop', 'jq'],
    step: { apt: ['htop'] },
    wrongSteps: [{ step: { apt: ['htop', '; reboot', '-y'] }, keys: ['apt[1]', 'apt[2]'] }],
  },
  {
    id: 'aptRemove',
    input: { packages: ['htop'] },
    otherInput: { packages: ['htop'], purge: true },
    step: { aptRemove: ['htop'] },
    wrongSteps: [{ step: { aptRemove: ['-y'], purge: 1 }, keys: ['aptRemove[0]', 'purge'] }],
  },
  {
    id: 'aptUpgrade',
    input: { full: false },
    otherInput: { full: true },
    step: { aptUpgrade: 'safe' },
    wrongSteps: [{ step: { aptUpgrade: true }, keys: ['aptUpgrade'] }],
  },
  {
    id: 'aptRepository',
    files: { 'key.asc': '-----BEGIN PGP PUBLIC KEY BLOCK-----' },
    input: REPOSITORY,
    otherInput: { ...REPOSITORY, components: ['main'] },
    step: { aptRepository: REPOSITORY },
    wrongSteps: [
      { step: { aptRepository: { ...REPOSITORY, uris: ['here'] } }, keys: ['aptRepository.uris[0]'] },
    ],
  },
  {
    id: 'service',
    input: { name: 'app', enabled: true },
    otherInput: { name: 'app', restarted: true },
    step: { service: 'app' },
    wrongSteps: [{ step: { service: '-x' }, keys: ['service'] }],
  },
  {
    ...subjectOf('unit', (content) => ({ name: 'app.service', content })),
    wrongSteps: [{ step: { unit: { name: 'app', content: 'x' } }, keys: ['unit.name'] }],
  },
  {
    id: 'user',
    input: { name: 'ada' },
    otherInput: { name: 'ada', groups: ['sudo'] },
    step: { user: 'ada' },
    wrongSteps: [{ step: { user: 5 }, keys: ['user'] }],
  },
  {
    id: 'group',
    input: { name: 'app' },
    otherInput: { name: 'app', system: true },
    step: { group: 'app' },
    wrongSteps: [{ step: { group: 5 }, keys: ['group'] }],
  },
  {
    id: 'authorizedKeys',
    input: { user: 'ada', keys: [KEY] },
    otherInput: { user: 'ada', keys: [KEY], exclusive: true },
    step: { authorizedKeys: { user: 'ada', keys: [KEY] } },
    wrongSteps: [
      { step: { authorizedKeys: { user: 'ada', keys: [KEY, 'ssh-x'] } }, keys: ['authorizedKeys.keys[1]'] },
    ],
    answer: (command) =>
      command.startsWith('getent passwd')
        ? { stdout: 'ada:x:1000:1000::/home/ada:/bin/sh\n' }
        : fresh(command),
  },
  {
    ...subjectOf('sudoers', (content) => ({ name: 'app', content })),
    wrongSteps: [{ step: { sudoers: { name: 'app.conf', content: 'x' } }, keys: ['sudoers.name'] }],
  },
  ...(
    [
      ['hostname', 'one', 'two', '-one'],
      ['timezone', 'Europe/Berlin', 'Etc/UTC', 'Europe Berlin'],
      ['locale', 'C.UTF-8', 'POSIX', 'German'],
    ] as const
  ).map(([id, input, otherInput, wrong]) => ({
    ...{ id, input, otherInput, step: { [id]: input } },
    wrongSteps: [{ step: { [id]: wrong }, keys: [id] }],
  })),
  {
    id: 'sysctl',
    input: { 'net.ipv4.ip_forward': 1 },
    otherInput: { 'net.ipv4.ip_forward': 0 },
    step: { sysctl: { 'net.ipv4.ip_forward': 1 } },
    wrongSteps: [{ step: { sysctl: 1 }, keys: ['sysctl'] }],
  },
  {
    id: 'mount',
    input: { path: '/data', device: 'LABEL=data' },
    otherInput: { path: '/data', device: 'LABEL=other' },
    step: { mount: { path: '/data', device: 'LABEL=data' } },
    wrongSteps: [{ step: { mount: { path: 'data', device: 'a b' } }, keys: ['mount.device', 'mount.path'] }],
  },
  {
    id: 'format',
    input: { device: '/dev/nvme0n1', type: 'ext4' },
    otherInput: { device: '/dev/nvme0n1', type: 'xfs' },
    step: { format: { device: '/dev/nvme0n1', type: 'ext4' } },
    wrongSteps: [
      {
        step: { format: { device: '/dev/sda', type: 'xfs', label: 'far-too-long-for-it' } },
        keys: ['format.label'],
      },
    ],
  },
  { id: 'facts', input: {} },
];

/** A node on which nothing is of what is asked for. */
function fresh(command: string): ReturnType<NonNullable<ActionSubject['answer']>> {
  if (/stat -c .*zoneinfo/.test(command)) return { stdout: 'regular file|644|root:root|0:0|1\n' };
  if (/^(wipefs|findmnt|getent|dpkg-query)|stat -c/.test(command))
    return { stdout: '', exitCode: command.startsWith('getent') ? 2 : 0 };
  return undefined;
}

describe.each(SUBJECTS)('the action $id', (subject) => {
  for (const { name, run: check } of actionCases({ plugin: provisioningPlugin, answer: fresh, ...subject }))
    it(name, check);
});

describe.each(LINUX_SUBJECTS)('the action $id of Linux', (subject) => {
  for (const { name, run: check } of actionCases({ plugin: linuxPlugin, answer: fresh, ...subject }))
    it(name, check);
});
