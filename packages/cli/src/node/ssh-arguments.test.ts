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
