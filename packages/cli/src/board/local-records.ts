import type { Finding } from '@turingpi/bmc';
import type { TuringPi } from '@turingpi/core';
import { type CacheLocation, verifyCache } from '@turingpi/image';

/** A finding about what this computer has on record, or in its cache. */
export type RecordFinding = Omit<Finding, 'code' | 'repair'> & {
  readonly code: 'LOCAL_RECORDS' | 'LOCAL_CACHE';
};

/** What is wrong in the records of a configuration, or worth knowing of them. Nothing is changed. */
export async function recordFindings(
  { archive }: Pick<TuringPi, 'archive'>,
  signal: AbortSignal,
): Promise<readonly RecordFinding[]> {
  const found = await archive.verify({ signal });
  return found.map(({ kind, place, message, code }) => ({
    code: 'LOCAL_RECORDS',
    severity: kind === 'problem' ? 'error' : 'note',
    message: `${place}: ${message}`,
    hint:
      code === undefined
        ? '`turingpi state show` shows what is on record.'
        : `\`turingpi explain ${code}\` says what to do.`,
    fixable: false,
  }));
}

/** What in the cache is damaged or readable by others. Every file is read, which takes its time. */
export async function cacheFindings(
  location: CacheLocation,
  signal: AbortSignal,
): Promise<readonly RecordFinding[]> {
  const findings: RecordFinding[] = [];
  for await (const { entry, content, exposed } of verifyCache({ ...location, signal })) {
    const wrong = [
      ...(content === 'damaged' ? ['is damaged'] : []),
      ...(exposed ? ['may be read by others'] : []),
    ];
    if (wrong.length === 0) continue;
    findings.push({
      code: 'LOCAL_CACHE',
      severity: 'warning',
      message: `${entry.path} ${wrong.join(' and ')}`,
      hint: '`turingpi doctor --cache --fix` protects it, or removes it where it can be made again.',
      fixable: true,
    });
  }
  return findings;
}

/** Protects what may be read by others, and removes what is damaged and can be made again. @returns One line for each. */
export async function mendCache(location: CacheLocation, signal: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { entry, done } of verifyCache({ ...location, fix: true, signal }))
    lines.push(...done.map((what) => `${what} ${entry.path}`));
  return lines;
}
