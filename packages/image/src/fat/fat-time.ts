/** A date and time as FAT keeps it: two-second steps, 1980 to 2107, taken as UTC. */
export interface FatTime {
  readonly date: number;
  readonly time: number;
}

const EARLIEST = Date.UTC(1980, 0, 1);
const LATEST = Date.UTC(2107, 11, 31, 23, 59, 58);

/** What FAT can keep of a date; earlier and later ones become the earliest and latest there are. */
export function toFatTime(moment: Date): FatTime {
  const clamped = new Date(Math.min(Math.max(moment.getTime(), EARLIEST), LATEST));
  const year = clamped.getUTCFullYear() - 1980;
  return {
    date: (year << 9) | ((clamped.getUTCMonth() + 1) << 5) | clamped.getUTCDate(),
    time:
      (clamped.getUTCHours() << 11) |
      (clamped.getUTCMinutes() << 5) |
      Math.floor(clamped.getUTCSeconds() / 2),
  };
}

/** The date that a directory entry states. */
export function fromFatTime({ date, time }: FatTime): Date {
  const day = [1980 + (date >> 9), Math.max(((date >> 5) & 15) - 1, 0), Math.max(date & 31, 1)] as const;
  return new Date(Date.UTC(...day, time >> 11, (time >> 5) & 63, (time & 31) * 2));
}
