import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InventoryNode } from './inventory-node.js';
import { renderInventory } from './render-inventory.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnuDoMIpeMgqDLjwOYGkuExmxpFm0VB2ZFPIMRG9bB/';
const A: InventoryNode = {
  nodeId: 1,
  board: 'top-shelf',
  hostname: 'rk1-a',
  ipAddress: '192.168.1.101',
  boardType: 'rk1',
  os: 'ubuntu',
  ssh: { host: '192.168.1.101', port: 22, username: 'admin' },
  hostKeys: [`${KEY} root@node`],
  installationId: 'one',
};
/** Reached through another address, and by a user of an odd name. */
const B: InventoryNode = {
  ...A,
  nodeId: 2,
  hostname: 'rk1-b',
  ipAddress: '192.168.1.102',
  ssh: { host: '127.0.0.1', port: 2202, username: 'two words' },
};
/** Nothing of it is on record. */
const C: InventoryNode = {
  nodeId: 3,
  hostname: 'cm4-c',
  ipAddress: '192.168.1.103',
  boardType: 'cm4',
  ssh: { host: '192.168.1.103', port: 22 },
  hostKeys: [],
};
/** Behind another server. */
const D: InventoryNode = {
  ...A,
  hostname: 'rk1-d',
  ssh: { ...A.ssh, jump: { host: '10.0.0.1', port: 2022, username: 'gate', hostKeys: [KEY] } },
};
const OPTIONS = { knownHostsFile: '/home/me/known hosts' };
const isThere = (program: string) => {
  try {
    execFileSync(program, program === 'ssh' ? ['-V'] : ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('an inventory', () => {
  it('is hosts and known hosts', () => {
    expect(renderInventory('hosts', [A, B, C], OPTIONS)).toBe(
      '192.168.1.101 rk1-a\n192.168.1.102 rk1-b\n192.168.1.103 cm4-c\n',
    );
    expect(renderInventory('known-hosts', [A, B, C], OPTIONS)).toBe(
      `rk1-a,192.168.1.101 ${KEY}\n[rk1-b]:2202,[127.0.0.1]:2202 ${KEY}\n`,
    );
  });

  it('has no key in it that is none', () => {
    const hostile = { ...A, hostKeys: ['ssh-ed25519 x\n* ssh-ed25519 AAAA'] };
    expect(() => renderInventory('known-hosts', [hostile], OPTIONS)).toThrow(
      expect.objectContaining({ code: 'SSH_PUBLIC_KEY_INVALID' }) as Error,
    );
  });

  it('has no line in it that a name or a file brings along', () => {
    const odd = { ...A, ssh: { ...A.ssh, username: 'a"\n  ProxyCommand x' } };
    const text = renderInventory('ssh-config', [odd], { knownHostsFile: '/x\nMatch all' });
    expect(text).not.toMatch(/^\s*(ProxyCommand|Match)/m);
  });

  it.skipIf(!isThere('ssh'))('is a configuration of OpenSSH: strict, and without other known hosts', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'inventory-'));
    try {
      const file = path.join(folder, 'config');
      writeFileSync(file, renderInventory('ssh-config', [A, B, C], OPTIONS), { mode: 0o600 });
      const of = (host: string) => execFileSync('ssh', ['-G', '-F', file, host], { encoding: 'utf8' });
      expect(of('rk1-b')).toMatch(/^user two words$/m);
      expect(of('rk1-b')).toMatch(/^hostname 127\.0\.0\.1$/m);
      expect(of('rk1-b')).toMatch(/^port 2202$/m);
      expect(of('rk1-a')).toMatch(/^stricthostkeychecking true$/m);
      expect(of('rk1-a')).toMatch(/^userknownhostsfile .?\/home\/me\/known hosts/m);
      expect(of('cm4-c')).not.toMatch(/known hosts/); // nobody knows how to log in there
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!isThere('ssh'))('goes by way of the server that a node is behind, as strictly', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'inventory-'));
    try {
      const file = path.join(folder, 'config');
      writeFileSync(file, renderInventory('ssh-config', [A, D, D], OPTIONS), { mode: 0o600 });
      const of = (host: string) => execFileSync('ssh', ['-G', '-F', file, host], { encoding: 'utf8' });
      const [, jump = ''] = /^proxyjump (.*)$/m.exec(of('rk1-d')) ?? [];
      expect(of('rk1-a')).not.toMatch(/^proxyjump /m);
      for (const line of ['hostname 10.0.0.1', 'port 2022', 'user gate', 'stricthostkeychecking true'])
        expect(of(jump).split('\n')).toContain(line);
      expect(renderInventory('known-hosts', [D, D], OPTIONS).split('\n')).toContain(`${jump} ${KEY}`);
      expect(of(jump)).toContain(`hostkeyalias ${jump}\n`);
      expect(renderInventory('ansible', [D], OPTIONS)).toContain(`-o HostKeyAlias=${jump} -p 2022 -l`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!isThere('ansible-inventory'))('is one that Ansible reads', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'inventory-'));
    try {
      const file = path.join(folder, 'inventory.yaml');
      writeFileSync(file, renderInventory('ansible', [A, B, C], OPTIONS));
      const read = JSON.parse(
        execFileSync('ansible-inventory', ['-i', file, '--list'], { encoding: 'utf8' }),
      ) as Record<string, { hosts: string[] }> & {
        readonly _meta: { readonly hostvars: Record<string, Record<string, unknown>> };
      };
      expect(read['turingpi']?.hosts).toEqual(['rk1-a', 'rk1-b']);
      expect(read['board_top_shelf']?.hosts).toEqual(['rk1-a', 'rk1-b']);
      expect(read._meta.hostvars['rk1-b']).toMatchObject({
        ansible_host: '127.0.0.1',
        ansible_port: 2202,
        ansible_user: 'two words',
        ansible_ssh_common_args: expect.stringContaining('StrictHostKeyChecking=yes') as string,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
