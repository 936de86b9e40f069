import { isGone } from '@turingpi/foundation';
import { parseRunEvent } from './parse-run-event.js';
import { RUN_SCHEMA_VERSION, type RunEvent, type RunOutcome } from './run-event.js';
import { hasDied } from './run-heartbeat.js';
import { runFileOf } from './run-files.js';
import { RunLines } from './run-lines.js';

export type RunStarted = Extract<RunEvent, { readonly type: 'run:started' }>;
type RunEnded = Extract<RunEvent, { readonly type: 'run:ended' }>;

/** A run on file, in short. */
export interface RunRecord {
  readonly id: string;
  readonly file: string;
  readonly sizeBytes: number;
  /** How it began; undefined when that cannot be read. */
  readonly started: RunStarted | undefined;
  /**
   * How it ended; `running` while it goes on; `died` when its process is gone without a word, or, on another computer, has
   * given no sign of life for a minute; `unreadable` when the file does not begin as that of a run, or was written by a newer version.
   */
  readonly outcome: RunOutcome | 'running' | 'died' | 'unreadable';
  /** Milliseconds, of a run that ended. */
  readonly durationMs?: number;
}

/** The end of a file in which its last line is looked for, in bytes. */
const TAIL_BYTES = 64 * 1024;

/** Looks at the file of a run. @throws NotOurFile; what the system says. */
export async function readRunRecord(directory: string, id: string): Promise<RunRecord> {
  const file = runFileOf(directory, id);
  using lines = new RunLines(file);
  const { sizeBytes } = lines;
  const beginning = lines.next().map((line) => parseRunEvent(line, id));
  const [first] = beginning;
  const common = { id, file, sizeBytes };
  if (first?.type !== 'run:started' || !isKnownSchema(first))
    return { ...common, started: undefined, outcome: 'unreadable' };
  lines.skipTo(TAIL_BYTES);
  const events = [...beginning, ...restOf(lines).map((line) => parseRunEvent(line, id))];
  const ended = events.findLast((event): event is RunEnded => event?.type === 'run:ended');
  if (ended !== undefined)
    return { ...common, started: first, outcome: ended.outcome, durationMs: ended.durationMs };
  return {
    ...common,
    started: first,
    outcome: (await hasDied(directory, id, lifeOf(first))) ? 'died' : 'running',
  };
}

/** Whether a process may still be at a run that this version does not understand. */
export async function mayBeRun(directory: string, id: string): Promise<boolean> {
  using lines = new RunLines(runFileOf(directory, id));
  const [first] = lines.next().map((line) => parseRunEvent(line, id));
  if (first?.type !== 'run:started') return false;
  const { pid, host }: { readonly pid: unknown; readonly host: unknown } = first; // of another schema
  return typeof pid === 'number' && typeof host === 'string' && !(await isGone(ownerOf(first)));
}

/** Whether this version knows what the lines of a run mean. */
export function isKnownSchema({ schema }: { readonly schema: unknown }): boolean {
  return typeof schema === 'number' && schema <= RUN_SCHEMA_VERSION;
}

/** The process that runs it. */
export function ownerOf({ pid, host, computer, processStart }: RunStarted) {
  return {
    ...{ pid, host },
    ...(computer === undefined ? {} : { computer }),
    ...(processStart === undefined ? {} : { start: processStart }),
  };
}

/** What tells whether it goes on. */
export function lifeOf(started: RunStarted) {
  return { owner: ownerOf(started), heartbeatMs: started.heartbeatMs };
}

function restOf(lines: RunLines): string[] {
  const rest: string[] = [];
  for (let some = lines.next(); some.length > 0; some = lines.next()) rest.push(...some);
  return rest;
}
