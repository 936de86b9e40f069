import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type FirewallSources, readHostFirewall } from './host-firewall.js';

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Runs a line in a network of its own, as its root. */
function inside(line: string): { readonly status: number | null; readonly stdout: string } {
  return spawnSync('unshare', ['-rn', 'sh', '-c', line], { env: ENVIRONMENT, encoding: 'utf8' });
}

/** A computer whose firewall was set up by a line. */
function computerWith(setUp: string): FirewallSources {
  return {
    run: (program, parameters) => {
      const { status, stdout } = inside(`${setUp}\n${[program, ...parameters].join(' ')}`);
      return Promise.resolve(status === 0 ? stdout : undefined);
    },
    read: () => Promise.resolve(undefined),
  };
}

const { signal } = new AbortController();
const OPEN = 'iptables -A INPUT -s 192.0.2.7 -j DROP; iptables -P FORWARD DROP';

describe.skipIf(inside('iptables -S').status !== 0)(
  'rules as iptables prints them (needs namespaces)',
  () => {
    it.each([
      ['open', OPEN],
      ['closed', `${OPEN}; iptables -P INPUT DROP`],
      [
        'closed',
        `${OPEN}; iptables -A INPUT -m comment --comment 'the rest' -j REJECT --reject-with icmp-host-prohibited`,
      ],
      ['closed', `${OPEN}; iptables -N REST; iptables -A REST -j DROP; iptables -A INPUT -j REST`],
    ])('are found %s: %s', async (incoming, setUp) => {
      expect(await readHostFirewall(signal, { sources: computerWith(setUp) })).toMatchObject({ incoming });
    });
  },
);

const TABLE = 'nft add table inet t; nft add chain inet t in';

describe.skipIf(inside('nft -j list ruleset').status !== 0)(
  'rules as nft prints them (needs namespaces)',
  () => {
    it.each([
      [
        { incoming: 'open' },
        `${TABLE} "{ type filter hook input priority 0; }"; nft add rule inet t in tcp dport 9 drop`,
      ],
      [
        { incoming: 'closed', by: 'nftables', chain: 'inet t in' },
        `${TABLE} "{ type filter hook input priority 0; policy drop; }"`,
      ],
      [
        { incoming: 'closed', by: 'nftables', chain: 'inet t in' },
        `${TABLE} "{ type filter hook input priority 0; }"; nft add rule inet t in ct state established accept; nft add rule inet t in counter reject`,
      ],
    ])('are found to be %j: %s', async (expected, setUp) => {
      expect(await readHostFirewall(signal, { sources: computerWith(setUp) })).toEqual(expected);
    });
  },
);
