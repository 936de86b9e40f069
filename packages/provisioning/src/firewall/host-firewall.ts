import { readFile } from 'node:fs/promises';
import { closedByIptables } from './iptables-rules.js';
import { closedChain, parseNftRuleset } from './nft-ruleset.js';

/** What is known of the firewall of this computer, as to connections that others begin. */
export interface HostFirewall {
  /** `closed`: what is not allowed is turned away; `open`: nothing is; `unknown`: its rules cannot be read. */
  readonly incoming: 'open' | 'closed' | 'unknown';
  /** What turns connections away, with `closed`. */
  readonly by?: 'ufw' | 'firewalld' | 'nftables' | 'iptables';
  /** Family, table and name of the chain that does, for `nftables`. */
  readonly chain?: string;
}

/** What its rules are read with. */
export interface FirewallSources {
  /** Standard output of a program; undefined where it is not there, or does not succeed. */
  readonly run: (
    program: string,
    parameters: readonly string[],
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  /** Content of a text file; undefined where it cannot be read. */
  readonly read: (path: string) => Promise<string | undefined>;
}

/** How it is read. */
export interface ReadFirewallOptions {
  readonly sources?: FirewallSources;
  /** How long each of the programs may take; one that takes longer counts as not there. Default 3 s. */
  readonly limitMs?: number;
}

/**
 * Reads the rules of this computer's own firewall: ufw, firewalld, nftables, iptables. It changes nothing.
 *
 * @remarks Most of them show their rules to root alone; elsewhere than on Linux none is read.
 * @throws The reason of the signal.
 */
export async function readHostFirewall(
  signal: AbortSignal,
  { sources = OF_THIS_COMPUTER, limitMs = 3000 }: ReadFirewallOptions = {},
): Promise<HostFirewall> {
  const { read } = sources;
  const run = async (program: string, parameters: readonly string[]): Promise<string | undefined> => {
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(limitMs);
    try {
      return await sources.run(program, parameters, AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) return undefined;
      throw error;
    }
  };
  const ufw = await read('/etc/ufw/ufw.conf');
  if (ufw !== undefined && /^ENABLED=yes\s*$/im.test(ufw)) {
    const defaults = (await read('/etc/default/ufw')) ?? '';
    if (!/^DEFAULT_INPUT_POLICY="?ACCEPT/m.test(defaults)) return { incoming: 'closed', by: 'ufw' };
  }
  if ((await run('firewall-cmd', ['--state'])) !== undefined) return { incoming: 'closed', by: 'firewalld' };
  const ruleset = parseNftRuleset((await run('nft', ['-j', 'list', 'ruleset'])) ?? '');
  const chain = ruleset && closedChain(ruleset);
  if (chain !== undefined) return { incoming: 'closed', by: 'nftables', chain };
  const rules = await run('iptables', ['-S']);
  if (rules !== undefined && closedByIptables(rules)) return { incoming: 'closed', by: 'iptables' };
  return { incoming: ruleset === undefined && rules === undefined ? 'unknown' : 'open' };
}

/** What is known of it in one line, and how a node is let in. @param address - of the node, IPv4 */
export function describeHostFirewall({ incoming, by, chain }: HostFirewall, address: string): string {
  if (incoming === 'open') return 'no firewall of this computer turns connections away';
  if (incoming === 'unknown' || by === undefined)
    return `whether a firewall of this computer turns ${address} away cannot be seen from here; it is to let TCP of that address in`;
  const command = {
    ufw: `ufw allow proto tcp from ${address}`,
    firewalld: `firewall-cmd --add-rich-rule='rule family=ipv4 source address=${address} accept'`,
    nftables: `nft insert rule ${chain ?? 'inet filter input'} ip saddr ${address} accept`,
    iptables: `iptables -I INPUT -p tcp -s ${address} -j ACCEPT`,
  }[by];
  return `${by} of this computer turns away what it was not told to let in: \`sudo ${command}\` lets the node in`;
}

const OF_THIS_COMPUTER: FirewallSources = {
  run: async (program, parameters, signal) => {
    if (process.platform !== 'linux') return undefined;
    const { runHostCommand } = await import('@turingpi/image/backend');
    const running = runHostCommand(program, parameters, { signal });
    const ended = await running.catch(() => undefined); // not installed, or ended by the signal
    return ended?.exitCode === 0 ? ended.stdout : undefined;
  },
  read: (path) => readFile(path, 'utf8').catch(() => undefined),
};
