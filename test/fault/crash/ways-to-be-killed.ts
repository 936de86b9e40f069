import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhaseName } from '@turingpi/core';
import type { startCli } from '../../support/site/run-cli.js';
import type { CrashSite } from './crash-site.js';

const HOOK = path.join(import.meta.dirname, 'die-at-write.mjs');
/** So long after the beginning of a phase a kill comes at most. */
const MOST_MS: Readonly<Record<PhaseName, number>> = {
  image_customization: 2000,
  os_installation: 3000,
  post_installation: 1000,
};
/** A flash of the virtual board writes so many bytes. */
const IMAGE_BYTES = 68_157_440;
/** So often the state is written while a phase is run: when it begins, and when it ends. */
const WRITES_OF_A_PHASE = 2;
/** So often a journal is written: when it is begun, and for each of three actions. */
const WRITES_OF_A_JOURNAL = 4;

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

/** How many nodes have not come to the end of a phase. */
export type NodesToGo = Readonly<Record<PhaseName, number>>;

/**
 * Makes a way of a kind, by chance, among what there is still to do.
 *
 * @param phase - in which it is killed, where the kind leaves that open
 * @param random - numbers from 0 to 1
 */
export function wayToBeKilled(
  kind: Kind,
  { phase, toGo }: { readonly phase: PhaseName; readonly toGo: NodesToGo },
  random: () => number,
  site: CrashSite,
): WayToBeKilled {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  if (kind === 'at any time') return inPhase(phase, upTo(toGo[phase]), random() * MOST_MS[phase]);
  if (kind === 'in a flash') return inFlash(random() < 0.25 ? 1 : 0, random() * IMAGE_BYTES, site);
  const when = random() < 0.5 ? 'before' : 'after';
  if (random() < 0.5)
    return atWrite(upTo(toGo.post_installation * WRITES_OF_A_JOURNAL), { file: 'journal', when });
  const phases = toGo.image_customization + toGo.os_installation + toGo.post_installation;
  return atWrite(upTo(phases * WRITES_OF_A_PHASE), { file: 'state', when });
}

/** @param beginning - which of the nodes' beginnings of the phase: by it, and not by the clock alone, it is known how far a run is */
function inPhase(phase: PhaseName, beginning: number, ms: number): WayToBeKilled {
  return {
    what: `${Math.round(ms)} ms after beginning ${beginning} of ${phase}`,
    crash: async (child, ended) => {
      await untilBegun(child, phase, beginning, ended);
      await sleep(ms, undefined, { signal: ended }).catch(() => undefined);
      child.kill('SIGKILL');
    },
  };
}

/** Waits until a run has told of so many beginnings of a phase. */
function untilBegun(child: Child, phase: PhaseName, beginnings: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let told = 0;
    let rest = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString()}`.split('\n');
      rest = lines.pop() ?? '';
      told += lines.filter((line) => isBeginningOf(phase, line)).length;
      if (told >= beginnings) resolve();
    });
    ended.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isBeginningOf(phase: PhaseName, line: string): boolean {
  return line.includes('"phase:started"') && line.includes(`"${phase}"`);
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
