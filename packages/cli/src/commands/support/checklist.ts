import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TuringPiError } from '@turingpi/foundation';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { HARDWARE_CHECKLIST, type HardwareAssumption } from '../../checklist/hardware-checklist.js';
import { renderChecklist, type SeenAssumption, type Verdict } from '../../checklist/render-checklist.js';
import { canAsk } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import { programVersion } from '../../process/program-version.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import type { Questions } from '../init/questions.js';
import { TerminalQuestions } from '../init/terminal-questions.js';

export interface ChecklistOptions extends BoardOptions {
  /** Numbers of assumptions that hold. */
  readonly holds?: readonly number[];
  readonly fails?: readonly number[];
  readonly output?: string;
  /** Ask nothing of the board. */
  readonly offline?: boolean;
}

/** A board that does not answer is said so, and the list is gone through all the same. */
const BUSY_MS = 10_000;

/**
 * `turingpi checklist`: goes through what is assumed of real boards, asks whether it holds on this one, and writes down what
 * was seen, with the firmware. A simulated board confirms nothing.
 */
export async function checklist(options: ChecklistOptions, terminal: Terminal): Promise<number> {
  const both = options.holds?.filter((id) => options.fails?.includes(id)) ?? [];
  if (both.length > 0)
    throw new UsageError(`${both.join(', ')} cannot both hold and fail`, 'Name each number once.');
  using interruption = onInterruption(() => undefined);
  const board = options.offline === true ? {} : await boardFacts(options, terminal, interruption.signal);
  const questions =
    canAsk(terminal) && options.json !== true
      ? await TerminalQuestions.open({ input: process.stdin, output: terminal.stdout as NodeJS.WriteStream })
      : undefined;
  const seen: SeenAssumption[] = [];
  for (const item of HARDWARE_CHECKLIST) seen.push(await verdictOf(item, options, questions));

  const record = { at: new Date().toISOString(), program: programVersion(), board, seen };
  const file = path.resolve(terminal.cwd, options.output ?? 'turingpi-checklist.md');
  await save(file, renderChecklist(record));
  const count = (verdict: Verdict) => seen.filter((one) => one.verdict === verdict).length;
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ checklist: { file, ...record } })}\n`
      : `${file}: ${count('holds')} hold, ${count('fails')} fail, ${count('not tried')} were not tried\nAn issue with this file helps everybody; \`turingpi support-bundle\` adds what is needed to find out why something fails.\n`,
  );
  return EXIT.ok;
}

/** @throws UsageError */
async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file} cannot be written: ${code ?? String(error)}`, 'Name another file with -o.');
  }
}

async function verdictOf(
  item: HardwareAssumption,
  { holds, fails }: ChecklistOptions,
  questions: Questions | undefined,
): Promise<SeenAssumption> {
  if (holds?.includes(item.id) === true) return { ...item, verdict: 'holds' };
  if (fails?.includes(item.id) === true) return { ...item, verdict: 'fails' };
  if (questions === undefined) return { ...item, verdict: 'not tried' };
  const wayRound = item.wayRound === undefined ? '' : `\n  if it does not hold: ${item.wayRound}`;
  const verdict = await questions.choose<Verdict>({
    message: `${item.id}. ${item.assumption}\n  how it is seen: ${item.check}${wayRound}`,
    flag: '--holds',
    choices: [
      { value: 'not tried', label: 'not tried' },
      { value: 'holds', label: 'it holds' },
      { value: 'fails', label: 'it does not hold' },
    ],
  });
  if (verdict !== 'fails') return { ...item, verdict };
  return {
    ...item,
    verdict,
    note: await questions.text({ message: 'What did you see instead?', flag: '--fails' }),
  };
}

/** What the board is, without what tells one board from another of its kind. */
async function boardFacts(
  options: ChecklistOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  try {
    await using opened = await openBoard(options, terminal);
    const { client, cluster } = opened;
    const { bmcdVersion } = await client.capabilities({ signal, busyMs: BUSY_MS });
    const { boardModel, boardRevision, version } = await client.board.about({ signal });
    const modules = [...(cluster?.config.nodes ?? [])].map(([id, node]) => `${id} ${node.board}`);
    return {
      board: [boardModel, boardRevision].filter(Boolean).join(' '),
      firmware: `${version ?? 'unknown'}, bmcd ${bmcdVersion ?? 'unknown'}`,
      ...(modules.length === 0 ? {} : { modules: modules.join(', ') }),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!TuringPiError.is(error)) throw error;
    return { board: `could not be asked: ${error.code}` };
  }
}
