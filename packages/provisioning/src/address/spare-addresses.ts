/** More are not tried. */
const CANDIDATES = 3;

/**
 * Addresses of a network that nothing in a configuration has: those at its end, where fixed addresses and leases seldom are.
 *
 * @param cidr - an IPv4 address of the network with its prefix length
 * @param known - addresses that are not to be taken
 * @returns At most three; fewer in a small network.
 */
export function spareAddresses(cidr: string, known: ReadonlySet<string>): readonly string[] {
  const [address = '', length = ''] = cidr.split('/');
  const prefixLength = Number(length);
  if (prefixLength > 30) return [];
  const size = 2 ** (32 - prefixLength);
  const start = Math.floor(numberOf(address) / size) * size;
  const found: string[] = [];
  for (let host = size - 2; host > 0 && found.length < CANDIDATES; host -= 1) {
    const candidate = textOf(start + host);
    if (!known.has(candidate)) found.push(candidate);
  }
  return found;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
