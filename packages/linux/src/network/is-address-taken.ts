import type { SshSession } from '@turingpi/runtime';

/**
 * Sends something to an address and looks who has answered on the wire: what is on the same wire answers there, also when
 * its firewall drops all that comes. What is known of it from before is forgotten first.
 */
const ASK = [
  'ip neigh flush to "$1" 2>/dev/null',
  'if command -v ping >/dev/null; then ping -c 2 -W 1 "$1" >/dev/null 2>&1',
  // Port 9 is the one whose service throws away what it gets (RFC 863).
  'else command -v bash >/dev/null && timeout 2 bash -c \'echo >"/dev/udp/$0/9"; sleep 1\' "$1" 2>/dev/null; fi',
  'ip -o neigh show to "$1"',
].join('\n');

/**
 * Whether another machine on the wire of a node has an address.
 *
 * @returns Undefined where the node cannot tell.
 */
export async function isAddressTaken(
  session: SshSession,
  address: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const asked = await session.exec(['sh', '-c', ASK, 'sh', address], {
    ...{ signal, sudo: true, allowFailure: true },
  });
  if (asked.exitCode !== 0) return undefined;
  return asked.stdout.split('\n').some((line) => line.includes(' lladdr '));
}
