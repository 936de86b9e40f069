const UNITS: readonly (readonly [name: string, plural: string, seconds: bigint])[] = [
  ['year', 'years', 31_557_600n],
  ['month', 'months', 2_630_016n],
  ['day', 'days', 86_400n],
  ['h', 'h', 3600n],
  ['m', 'm', 60n],
  ['s', 's', 1n],
];

/**
 * Renders a duration with every unit that is not zero, for example `1m 59s 998ms 12us 5ns`
 * (docs/reference/bmc-protocol.md, "Login and tokens").
 */
export function spokenDuration(nanoseconds: bigint): string {
  const parts: string[] = [];
  let seconds = nanoseconds / 1_000_000_000n;
  for (const [one, many, size] of UNITS) {
    const count = seconds / size;
    seconds %= size;
    if (count > 0n) parts.push(`${String(count)}${count === 1n ? one : many}`);
  }
  const below = nanoseconds % 1_000_000_000n;
  const fractions = [
    [below / 1_000_000n, 'ms'],
    [(below / 1000n) % 1000n, 'us'],
    [below % 1000n, 'ns'],
  ] as const;
  for (const [count, unit] of fractions) if (count > 0n) parts.push(`${String(count)}${unit}`);
  return parts.length === 0 ? '0s' : parts.join(' ');
}
