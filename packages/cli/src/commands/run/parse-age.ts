import { InvalidArgumentError } from 'commander';

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An age as an option says it: `90m`, `12h`, `30d`. @returns Milliseconds. */
export function parseAge(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNITS_MS[unit];
  if (unitMs === undefined)
    throw new InvalidArgumentError('an age is a number with m, h or d, for example 12h or 30d');
  return Number(count) * unitMs;
}
