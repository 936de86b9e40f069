import type { CommandResult } from '@turingpi/runtime';

/** Bytes of output that are kept of one command: they go on record. */
export const RECORDED_OUTPUT_BYTES = 1024 * 1024;

/** What goes on record of how a command ended. */
export type RecordedResult = Readonly<Record<'stdout' | 'stderr', string>> & { readonly exitCode: number };

export function recordedResult({ exitCode, stdout, stderr }: CommandResult): RecordedResult {
  return { exitCode, stdout, stderr };
}
