import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { startCli } from '../../support/site/run-cli.js';
import type { CrashSite } from './crash-site.js';

const HOOK = path.join(import.meta.dirname, 'die-at-write.mjs');
/**
 * A whole run tells of so many events: by them, and not by the clock, it is known how far it has come, however fast the
 * machine is. A run that is begun anew finds what is done and goes on from there, so early moments are as good as late ones.
 */
const EVENTS = 250;
/** So long after an event a kill comes at most. */
const AFTER_EVENT_MS = 500;
/** A flash of the virtual board writes so many bytes. */
const IMAGE_BYTES = 68_157_440;
/** A kill comes at one of so many writes to the state, or to the journals: with each run they are later ones of the whole. */
const WRITES = 12;

type Child = ReturnType<typeof startCli>;

/** One way to be killed; the run may be faster, and is then not killed. */
export interface WayToBeKilled {
  /** For people. */
  readonly what: string;
  readonly crash: (child: Child, ended: AbortSignal) => unknown;
  readonly env?: Readonly<Record<string, string>>;
}

export const KINDS = ['at any time', 'in a flash', 'between record and effect'] as const;
export type Kind = (typeof KINDS)[number];

/** Makes a way of a kind, by chance. @param random - numbers from 0 to 1 */
export function wayToBeKilled(kind: Kind, random: () => number, site: CrashSite): WayToBeKilled {
  if (kind === 'at any time') return atAnyTime(Math.floor(random() ** 2 * EVENTS), random() * AFTER_EVENT_MS);
  if (kind === 'in a flash') return inFlash(random() < 0.25 ? 1 : 0, random() * IMAGE_BYTES, site);
  return atWrite(1 + Math.floor(random() * WRITES), {
    file: random() < 0.5 ? 'state' : 'journal',
    when: random() < 0.5 ? 'before' : 'after',
  });
}

function atAnyTime(events: number, ms: number): WayToBeKilled {
  return {
    what: `${Math.round(ms)} ms after event ${events}`,
    crash: async (child, ended) => {
      await untilTold(child, events, ended);
      await sleep(ms, undefined, { signal: ended }).catch(() => undefined);
      child.kill('SIGKILL');
    },
  };
}

/** Waits until a run has told of so many events. */
function untilTold(child: Child, events: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let told = 0;
    const count = (chunk: Buffer) => {
      told += chunk.toString().split('\n').length - 1;
      if (told >= events) resolve();
    };
    count(Buffer.alloc(0));
    child.stdout!.on('data', count);
    ended.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** @param earlier - so many flashes of the run before it are left alone */
function inFlash(earlier: number, bytes: number, site: CrashSite): WayToBeKilled {
  return {
    what: `in flash ${earlier + 1}, at ${Math.round(bytes)} bytes`,
    crash: async (child, ended) => {
      let seen = 0;
      let wasWriting = false;
      while (!ended.aborted) {
        const status = site.board.transferStatus;
        const isWriting = status.includes('Transferring');
        if (isWriting && !wasWriting) seen += 1;
        wasWriting = isWriting;
        const written = Number(/bytes_written":\s*(\d+)/.exec(status)?.[1] ?? 0);
        if (isWriting && seen > earlier && written >= bytes) break;
        await sleep(10);
      }
      child.kill('SIGKILL');
    },
  };
}

function atWrite(
  write: number,
  { file, when }: { readonly file: 'state' | 'journal'; readonly when: 'before' | 'after' },
): WayToBeKilled {
  const env = {
    NODE_OPTIONS: `--import=${HOOK}`,
    ...{ CRASH_AT_WRITE: String(write), CRASH_IN: file, CRASH_WHEN: when },
  };
  return { what: `${when} write ${write} to the ${file}`, crash: () => undefined, env };
}
