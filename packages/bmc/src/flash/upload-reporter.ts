import { type Progress, RateMeter } from '@turingpi/foundation';

const REPORT_EVERY_MS = 200;

/** Tells how far an upload is, not more often than people can read, and its end in any case. */
export function uploadReporter(
  totalBytes: number,
  progress: (progress: Progress) => void,
): (sentBytes: number) => void {
  const meter = new RateMeter('upload', totalBytes);
  let reportedAt = 0;
  return (sentBytes) => {
    const now = performance.now();
    if (now - reportedAt < REPORT_EVERY_MS && sentBytes < totalBytes) return;
    reportedAt = now;
    progress(meter.at(sentBytes));
  };
}
