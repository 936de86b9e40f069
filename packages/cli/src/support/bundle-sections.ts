import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type BmcClient, diagnoseBoard } from '@turingpi/bmc';
import { type ConfigFile, inspectPlugins, type RunStore } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';
import { PROGRAM_DIR } from '../process/program-dir.js';
import { programVersion } from '../process/program-version.js';
import { configurationShape } from './configuration-shape.js';

/** Of a run the last events tell how it came to its end. */
const MOST_EVENTS = 400;
/** What is read of the end of a log, in bytes. */
const LOG_TAIL_BYTES = 64 * 1024;
const CONSOLE_LINES = 80;
/** Nobody waits two minutes for a board that is held when something is wrong with it. */
const PATIENCE_MS = 10_000;

/** What is installed here. */
export async function versions(projectDir: string): Promise<string> {
  const { discovery } = await inspectPlugins({ projectDir, programDir: PROGRAM_DIR });
  const plugins = discovery.plugins.map(
    ({ plugin, manifest, source }) =>
      `${plugin.name} ${manifest?.version ?? plugin.version ?? ''} (${source})`,
  );
  const failures = discovery.failures.map(
    ({ name, error }) => `${name}: not usable: ${error.code}: ${error.message}`,
  );
  return [
    `turingpi ${programVersion()}`,
    `Node.js ${process.version}, ${process.platform} ${process.arch}, ${os.release()}`,
    ...plugins,
    ...failures,
  ].join('\n');
}

/** What the configuration is made of. */
export function shape({ input }: Pick<ConfigFile, 'input'>): string {
  return JSON.stringify(configurationShape(input), undefined, 2);
}

/** What the board is and can do. */
export async function firmware(client: BmcClient, signal: AbortSignal): Promise<string> {
  const capabilities = await client.capabilities({ signal, busyMs: PATIENCE_MS });
  const { boardModel, boardRevision, version, buildtime } = await client.board.about({ signal });
  return JSON.stringify({ boardModel, boardRevision, version, buildtime, capabilities }, undefined, 2);
}

/** What `turingpi doctor` finds. */
export async function findings(client: BmcClient, signal: AbortSignal): Promise<string> {
  const found = await diagnoseBoard(client, { signal, busyMs: PATIENCE_MS, patienceMs: PATIENCE_MS });
  return found.map(({ severity, code, message }) => `${severity} ${code}: ${message}`).join('\n');
}

/** The end of what a node printed. */
export async function consoleExcerpt(client: BmcClient, node: NodeId, signal: AbortSignal): Promise<string> {
  const text = await client.console.read(node, { signal, busyMs: PATIENCE_MS });
  const lines = text.split(/\r?\n/).slice(-CONSOLE_LINES);
  return lines.join('\n').trim() === '' ? 'it has printed nothing' : lines.join('\n');
}

/** The last events of a run, as they are on file. */
export async function events(runs: RunStore, which: string | undefined): Promise<string> {
  const { id, outcome } = await runs.find(which);
  const lines: string[] = [];
  let left = 0;
  for await (const event of runs.read(id)) {
    lines.push(JSON.stringify(event));
    if (lines.length > MOST_EVENTS + 1) left += lines.splice(1, 1).length; // the first one says what was run
  }
  const note = left === 0 ? [] : [`(${left} events between the first and these are left out)`];
  return [`run ${id}: ${outcome}`, ...lines.slice(0, 1), ...note, ...lines.slice(1)].join('\n');
}

/** The end of the log beside the state. */
export async function logTail(cacheDir: string): Promise<string> {
  await using file = await open(path.join(cacheDir, 'turingpi.log'));
  const { size } = await file.stat();
  const start = Math.max(0, size - LOG_TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  const text = buffer.subarray(0, bytesRead).toString('utf8');
  return start === 0 ? text : text.slice(text.indexOf('\n') + 1); // the first line may be half a one
}
