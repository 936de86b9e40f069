/** When a fault happens, in the order of a flash. */
export const MOMENTS = [
  'before start',
  'start',
  'bring-up',
  'first MB',
  'middle',
  'last byte',
  'verify',
  'after',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** `start` is after our last look and before our request: what happens there, nobody can see. */
export const OBSERVABLE_MOMENTS = MOMENTS.filter((moment) => moment !== 'start');

/** Tells from the board's transfer status whether a moment has come. */
export class MomentWatch {
  #most = 0;

  constructor(
    private readonly moment: Moment,
    private readonly rawSizeBytes: number,
  ) {}

  /** @param statusText - the body of a status reply */
  hasCome(statusText: string): boolean {
    const status = JSON.parse(statusText) as { Transferring?: { bytes_written: number } } | string;
    const written = typeof status === 'object' ? status.Transferring?.bytes_written : undefined;
    if (written === undefined) return false;
    const isReadingBack = written < this.#most;
    this.#most = Math.max(this.#most, written);
    switch (this.moment) {
      case 'bring-up':
        return written === 0;
      case 'first MB':
        return written > 0;
      case 'middle':
        return written >= this.rawSizeBytes / 2;
      case 'last byte':
        return written >= this.rawSizeBytes - 64 * 1024;
      case 'verify':
        return isReadingBack;
      case 'before start':
      case 'start':
      case 'after':
        return false;
    }
  }
}
