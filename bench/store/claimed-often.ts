import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClaimOften } from './claim-often.js';

/** Of the built program also when this is run from its source. */
const CHILD = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../dist/store/claim-often.js' : './claim-often.js',
    import.meta.url,
  ),
);

/** What several processes have done at once with one store. */
export interface ClaimedOften {
  /** The time that one claim of a hundred takes longer than, in milliseconds. */
  readonly p99Ms: number;
  readonly medianMs: number;
  /** How many entries each has in its journal. */
  readonly entries: readonly number[];
}

/** Has several processes claim phases, write journals and count in one record, all at once. */
export async function claimedOften(
  store: ClaimOften['store'],
  { processes, count }: { readonly processes: number; readonly count: number },
): Promise<ClaimedOften> {
  const run = async (index: number) => {
    const asked: ClaimOften = { store, index, count };
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, JSON.stringify(asked)], {
      maxBuffer: 16 << 20,
    });
    return JSON.parse(stdout) as { readonly claimMs: readonly number[]; readonly entries: number };
  };
  const done = await Promise.all(Array.from({ length: processes }, (_, index) => run(index)));
  const claimMs = done.flatMap((each) => each.claimMs).toSorted((a, b) => a - b);
  const at = (share: number) =>
    claimMs[Math.min(claimMs.length - 1, Math.floor(claimMs.length * share))] ?? 0;
  return { p99Ms: at(0.99), medianMs: at(0.5), entries: done.map(({ entries }) => entries) };
}
