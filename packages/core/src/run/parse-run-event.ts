import type { RunEvent } from './run-event.js';

/**
 * One line of the file of a run; undefined for what is no event of it. Types that this version does not know pass: their
 * reader leaves them out.
 */
export function parseRunEvent(line: string, runId: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { seq, type, at, runId: of } = value as Readonly<Record<string, unknown>>;
  const isEvent =
    typeof seq === 'number' && typeof type === 'string' && typeof at === 'string' && of === runId;
  return isEvent ? (value as RunEvent) : undefined;
}
