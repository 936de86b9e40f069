import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sshArguments } from './ssh-arguments.js';

const usual = {
  host: '192.168.1.101',
  port: 2222,
  username: 'admin',
  alias: 'rk1-a',
  knownHostsFile: '/tmp/a b%h/known_hosts',
};

it.skipIf(!existsSync('/usr/bin/ssh'))('says to OpenSSH which keys alone are the node’s', () => {
  const said = execFileSync(
    'ssh',
    ['-G', ...sshArguments({ ...usual, agentSocket: '/tmp/agent %u/socket' })],
    {
      encoding: 'utf8',
    },
  );
  const options = new Map(
    said.split('\n').map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)]),
  );
  expect(Object.fromEntries(options)).toMatchObject({
    hostname: '192.168.1.101',
    port: '2222',
    user: 'admin',
    stricthostkeychecking: 'true',
    hostkeyalias: 'rk1-a',
    globalknownhostsfile: 'none',
    updatehostkeys: 'false',
    identityagent: '/tmp/agent %u/socket',
  });
  expect(options.get('userknownhostsfile')).toContain('/tmp/a b%h/known_hosts');
});

it('gives a command to a shell as it is meant', () => {
  expect(sshArguments({ ...usual, command: ['ls | wc'] }).at(-1)).toBe("sh -c 'ls | wc'");
  expect(sshArguments({ ...usual, command: ['echo', '$HOME; x'], tty: true })).toEqual(
    expect.arrayContaining(['-t', '--', '192.168.1.101', "echo '$HOME; x'"]),
  );
});

it.skipIf(!existsSync('/usr/bin/ssh'))('goes by way of another server, of which as much is known', () => {
  const jump = { ...usual, host: '10.0.0.1', port: 22, username: 'gate', alias: 'jump' };
  const said = execFileSync('ssh', ['-G', ...sshArguments({ ...usual, jump })], { encoding: 'utf8' });
  const [, line = ''] = /^proxycommand (.*)$/m.exec(said) ?? [];
  // As a shell would have it, after `ssh` has put in where to.
  const words = execFileSync('sh', ['-c', `printf '%s\\n' ${line.replaceAll('%%', '%')}`], {
    encoding: 'utf8',
  });
  expect(words.trim().split('\n')).toEqual([
    ...['ssh', '-F', 'none', '-o', 'UserKnownHostsFile="/tmp/a b%%h/known_hosts"'],
    ...['-o', 'GlobalKnownHostsFile=none', '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', 'HostKeyAlias=jump', '-o', 'UpdateHostKeys=no', '-l', 'gate', '-p', '22'],
    ...['-W', '[%h]:%p', '--', '10.0.0.1'],
  ]);
});
