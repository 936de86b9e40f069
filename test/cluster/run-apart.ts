import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NetworkLimits } from '@turingpi/provisioning';

const PROGRAM = fileURLToPath(new URL('up-apart.js', import.meta.url));

/** An event of the run, as far as tests look at it. */
export interface ApartEvent {
  readonly event: string;
  readonly progress?: { readonly activity?: string; readonly done?: number; readonly note?: string };
}

/** What a run is told. */
export interface ApartRun {
  readonly config: object;
  readonly limits?: NetworkLimits;
}

/** How a run ended: with an exit code, or killed; and what it has said. */
export interface ApartEnd {
  readonly exitCode: number | null;
  readonly said: string;
}

/**
 * Runs `turingpi up` in a process of its own.
 *
 * @param file - where it is told what to do
 * @param onEvent - told of each event; calls `kill` to end the process as `kill -9` does
 */
export async function runApart(
  file: string,
  run: ApartRun,
  onEvent: (event: ApartEvent, kill: () => void) => void = () => undefined,
): Promise<ApartEnd> {
  await writeFile(file, JSON.stringify(run), { mode: 0o600 });
  const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    said += `${line}\n`;
    onEvent(JSON.parse(line) as ApartEvent, () => child.kill('SIGKILL'));
  });
  const [exitCode] = (await ended) as [number | null];
  return { exitCode, said };
}
