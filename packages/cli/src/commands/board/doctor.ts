import { diagnoseBoard, type Finding, repairBoard } from '@turingpi/bmc';
import { cacheDirectories } from '@turingpi/image';
import { type LocalFinding, LocalLeftovers } from '../../board/local-leftovers.js';
import { type BoardOptions, locateBoard } from '../../board/open-board.js';
import { recordedNodes } from '../../board/recorded-nodes.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { printableLines } from '../../render/printable.js';

export interface DoctorOptions extends BoardOptions {
  /** Undo what can be undone. */
  readonly fix?: boolean;
  /** Do not ask before nodes are switched off. */
  readonly yes?: boolean;
  /** How long an API that does not answer is given, in seconds. */
  readonly patience?: number;
}

/** Bringing up a module blocks the API for up to 15 s, which is nothing to worry about. */
const BUSY_MS = 20_000;

const MARKS: Readonly<Record<Finding['severity'], string>> = {
  ok: 'ok      ',
  note: 'note    ',
  warning: 'WARNING ',
  error: 'ERROR   ',
};

/** `turingpi doctor`: what is wrong with the board, what killed runs left here, and with `--fix` undoes what can be undone without harm. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<number> {
  const { client, cacheDir, cluster } = await locateBoard(options, terminal);
  await using board = client;
  const leftovers = new LocalLeftovers([...cacheDirectories(cacheDir), terminal.cwd]);
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const onWait = (note: string): void => void terminal.stderr.write(`${note}\n`);
  const patienceMs = options.patience === undefined ? undefined : options.patience * 1000;
  const patience = patienceMs === undefined ? {} : { patienceMs, busyMs: Math.min(BUSY_MS, patienceMs) };
  const others = cluster && recordedNodes(cluster);
  const diagnose = () => diagnoseBoard(board, { signal, onWait, ...patience, ...(others && { others }) });
  const text = options.json !== true;

  let findings = await diagnose();
  let local = await leftovers.find();
  if (text) terminal.stdout.write([...findings, ...local].map(render).join(''));
  let fixed: readonly string[] = [];
  if (options.fix === true) {
    const chosen = await confirmed(findings, options, terminal);
    fixed = [
      ...(await repairBoard(board, chosen, { signal, onWait })),
      ...(local.length > 0 ? await leftovers.remove() : []),
    ];
    if (text) for (const line of fixed) terminal.stdout.write(`fixed   ${line}\n`);
    if (fixed.length > 0) [findings, local] = [await diagnose(), await leftovers.find()];
  }
  const all = [...findings, ...local];
  const wrong = findings.filter(isWrong);
  if (!text) {
    const shown = all.map(({ code, severity, message, hint, fixable }) => ({
      ...{ code, severity, message, hint, fixable },
    }));
    terminal.stdout.write(`${JSON.stringify({ healthy: wrong.length === 0, findings: shown, fixed })}\n`);
  } else {
    const offer = options.fix !== true && all.some(({ fixable }) => fixable);
    const offered = offer ? '; turingpi doctor --fix undoes what is marked fixable' : '';
    terminal.stdout.write(
      wrong.length === 0
        ? `nothing is wrong${offered}\n`
        : `${wrong.length} ${wrong.length === 1 ? 'thing is' : 'things are'} wrong${offered}\n`,
    );
  }
  return wrong.length === 0 ? EXIT.ok : EXIT.failed;
}

function isWrong({ severity }: Finding): boolean {
  return severity === 'warning' || severity === 'error';
}

function render({ code, severity, message, hint, fixable }: Finding | LocalFinding): string {
  const tail = severity === 'ok' ? '' : ` [${code}${fixable ? ', fixable' : ''}]`;
  const advice = hint === undefined || severity === 'ok' ? '' : `          ${hint}\n`;
  return printableLines(`${MARKS[severity]}${message}${tail}\n${advice}`);
}

/** What switches nodes off is asked for one by one. */
async function confirmed(
  findings: readonly Finding[],
  options: DoctorOptions,
  terminal: Terminal,
): Promise<readonly Finding[]> {
  const chosen: Finding[] = [];
  for (const found of findings) {
    const { repair } = found;
    if (!repair) continue;
    if (
      repair.kind !== 'power-off' ||
      (await confirm(`Switch node ${repair.nodes.join(', ')} off? ${found.message}.`, options, terminal))
    )
      chosen.push(found);
  }
  return chosen;
}
