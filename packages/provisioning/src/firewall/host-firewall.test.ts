import { describe, expect, it } from 'vitest';
import { describeHostFirewall, type FirewallSources, readHostFirewall } from './host-firewall.js';

/** A computer on which some programs print something, and some files are there. */
function computer(
  printed: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): FirewallSources {
  return {
    run: (program) => Promise.resolve(printed[program]),
    read: (path) => Promise.resolve(files[path]),
  };
}

const { signal } = new AbortController();
const chain = (name: string, more: object = {}) => ({
  chain: { family: 'inet', table: 'filter', name, ...more },
});
const rule = (chain: string, ...expr: object[]) => ({
  rule: { family: 'inet', table: 'filter', chain, expr },
});
const nft = (...nftables: object[]) => JSON.stringify({ nftables: [{ metainfo: {} }, ...nftables] });
const INPUT = chain('input', { hook: 'input', policy: 'accept' });
const FROM_LOOPBACK = { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'lo' } };
const ON_UFW = { '/etc/ufw/ufw.conf': '# on or off\nENABLED=yes\nLOGLEVEL=low\n' };

describe('the firewall of this computer', () => {
  it.each([
    ['nothing can be read', computer({}), { incoming: 'unknown' }],
    [
      'no rules',
      computer({ nft: nft(), iptables: '-P INPUT ACCEPT\n-P FORWARD DROP\n' }),
      { incoming: 'open' },
    ],
    ['ufw is on', computer({}, ON_UFW), { incoming: 'closed', by: 'ufw' }],
    [
      'ufw is on, and lets in by default',
      computer(
        { iptables: '-P INPUT ACCEPT\n' },
        { ...ON_UFW, '/etc/default/ufw': 'DEFAULT_INPUT_POLICY="ACCEPT"\n' },
      ),
      { incoming: 'open' },
    ],
    ['ufw is off', computer({}, { '/etc/ufw/ufw.conf': 'ENABLED=no\n' }), { incoming: 'unknown' }],
    ['firewalld runs', computer({ 'firewall-cmd': 'running\n' }), { incoming: 'closed', by: 'firewalld' }],
    [
      'nftables drops what is left',
      computer({ nft: nft(chain('input', { hook: 'input', policy: 'drop' })) }),
      { incoming: 'closed', by: 'nftables', chain: 'inet filter input' },
    ],
    [
      'nftables rejects what is left, in another chain',
      computer({
        nft: nft(
          INPUT,
          chain('rest'),
          rule('input', { jump: { target: 'rest' } }),
          rule('rest', { counter: null }, { reject: null }),
        ),
      }),
      { incoming: 'closed', by: 'nftables', chain: 'inet filter input' },
    ],
    [
      'nftables drops under conditions, and what is forwarded',
      computer({
        nft: nft(
          INPUT,
          rule('input', FROM_LOOPBACK, { drop: null }),
          chain('forward', { hook: 'forward', policy: 'drop' }),
        ),
      }),
      { incoming: 'open' },
    ],
    [
      'nftables goes round in circles',
      computer({
        nft: nft(
          INPUT,
          chain('a'),
          rule('input', { jump: { target: 'a' } }),
          rule('a', { goto: { target: 'input' } }),
        ),
      }),
      { incoming: 'open' },
    ],
    ['nftables says nothing', computer({ nft: '' }), { incoming: 'unknown' }],
    [
      'nftables says something else',
      computer({ nft: '{"nftables":[{"rule":{}}]}' }),
      { incoming: 'unknown' },
    ],
    [
      'nftables is not understood, and iptables is',
      computer({ nft: 'table inet filter', iptables: '-P INPUT ACCEPT\n' }),
      { incoming: 'open' },
    ],
    ['iptables drops', computer({ iptables: '-P INPUT DROP\n' }), { incoming: 'closed', by: 'iptables' }],
    [
      'iptables rejects what is left',
      computer({
        iptables:
          '-P INPUT ACCEPT\n-N REST\n-A INPUT -m comment --comment "the rest" -j REST\n-A REST -j REJECT --reject-with icmp-host-prohibited\n',
      }),
      { incoming: 'closed', by: 'iptables' },
    ],
    [
      'iptables drops under conditions',
      computer({ iptables: '-P INPUT ACCEPT\n-A INPUT -s 192.0.2.7/32 -j DROP\n-A FORWARD -j DROP\n' }),
      { incoming: 'open' },
    ],
  ])('%s', async (_name, sources, expected) => {
    expect(await readHostFirewall(signal, { sources })).toEqual(expected);
  });

  it('is not known where a program does not end in time, and what the others say still counts', async () => {
    const { run, read } = computer({ iptables: '-P INPUT DROP\n' });
    const stuck: FirewallSources = {
      read,
      run: (program, parameters, limit) =>
        program === 'nft'
          ? new Promise((_, reject) => limit.addEventListener('abort', () => reject(limit.reason as Error)))
          : run(program, parameters, limit),
    };
    const found = await readHostFirewall(signal, { sources: stuck, limitMs: 10 });
    expect(found).toEqual({ incoming: 'closed', by: 'iptables' });
  });

  it('is read no further when nobody waits for it', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const { read } = computer({});
    const run: FirewallSources['run'] = (_program, _parameters, limit) => {
      stop.abort(reason);
      return Promise.reject(limit.reason as Error);
    };
    await expect(readHostFirewall(stop.signal, { sources: { run, read } })).rejects.toBe(reason);
  });

  it('is told with the command that lets a node in', () => {
    const told = (by: 'ufw' | 'firewalld' | 'nftables' | 'iptables') =>
      describeHostFirewall(
        { incoming: 'closed', by, ...(by === 'nftables' && { chain: 'inet x y' }) },
        '192.0.2.101',
      );
    expect(told('ufw')).toContain('`sudo ufw allow proto tcp from 192.0.2.101`');
    expect(told('firewalld')).toContain('source address=192.0.2.101 accept');
    expect(told('nftables')).toContain('nft insert rule inet x y ip saddr 192.0.2.101 accept');
    expect(told('iptables')).toContain('iptables -I INPUT -p tcp -s 192.0.2.101 -j ACCEPT');
    expect(describeHostFirewall({ incoming: 'unknown' }, '192.0.2.101')).toContain('192.0.2.101');
    expect(describeHostFirewall({ incoming: 'open' }, '192.0.2.101')).not.toContain('192.0.2.101');
  });
});
