import { hostname, userInfo } from 'node:os';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { findRuns, type RunCommandOptions } from './run-location.js';

/** `turingpi run cancel [RUN]`: asks a run to stop, through its file, also where no signal reaches it. */
export async function runCancel(
  which: string | undefined,
  options: RunCommandOptions & { readonly wait?: boolean },
  terminal: Terminal,
): Promise<number> {
  const runs = await findRuns(options, terminal);
  const { id } = await runs.find(which);
  await runs.requestCancel(id, `turingpi run cancel (${whoAsks()})`);
  const tell = (event: string, text: string, facts: Readonly<Record<string, unknown>> = {}) =>
    terminal.stdout.write(
      `${options.json === true ? JSON.stringify({ event, runId: id, ...facts }) : text}\n`,
    );
  tell('cancel-requested', `Run ${id} is asked to stop; \`turingpi run watch\` shows it.`);
  if (options.wait !== true) return EXIT.ok;
  using interruption = onInterruption(() => undefined);
  for await (const { type } of runs.follow(id, interruption)) if (type === 'run:ended') break;
  const { outcome } = await runs.find(id);
  tell('ended', `It has ended: ${outcome}.`, { outcome });
  return EXIT.ok;
}

function whoAsks(): string {
  try {
    return `${userInfo().username} on ${hostname()}`;
  } catch {
    return `somebody on ${hostname()}`; // a user without an entry in the system's list
  }
}
