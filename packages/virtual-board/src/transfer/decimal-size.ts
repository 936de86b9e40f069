const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** A byte count in powers of 1000 with two decimals, for example `10.66 MB`; whole numbers without decimals. */
export function decimalSize(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number.isInteger(value) ? String(value) : value.toFixed(2)} ${UNITS[unit] ?? 'B'}`;
}
