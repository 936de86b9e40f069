import { installedBackends } from '../../process/installed-backends.js';
import { diagnoseBoard, type Finding, repairBoard } from '@turingpi/bmc';
import { recordedImages } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';
import { cacheDirectories } from '@turingpi/image';
import { cacheFindings, mendCache, type RecordFinding, recordFindings } from '../../board/local-records.js';
import { type LocalFinding, LocalLeftovers } from '../../board/local-leftovers.js';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { recordedNodes } from '../../board/recorded-nodes.js';
import { canAsk, confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';
import { printableLines } from '../../render/printable.js';
import { wrapped } from '../../render/wrapped.js';

export interface DoctorOptions extends BoardOptions {
  /** Undo what can be undone. */
  readonly fix?: boolean;
  /** Nodes that may be switched off without asking. */
  readonly node?: readonly NodeId[];
  /** Compare the digests of everything in the cache as well. */
  readonly cache?: boolean;
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

/**
 * `turingpi doctor`: what is wrong with the board, with the records and the cache of this computer, and what killed runs left
 * here; with `--fix` undoes what can be undone without harm.
 */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<number> {
  await using opened = await openBoard(options, terminal);
  const { client: board, cacheDir, cluster } = opened;
  const leftovers = new LocalLeftovers(
    [...cacheDirectories(cacheDir), terminal.cwd],
    await installedBackends(terminal),
  );
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const onWait = (note: string): void => remark(terminal, note);
  const patienceMs = options.patience === undefined ? undefined : options.patience * 1000;
  const patience = patienceMs === undefined ? {} : { patienceMs, busyMs: Math.min(BUSY_MS, patienceMs) };
  const others = cluster && recordedNodes(cluster);
  const diagnose = () => diagnoseBoard(board, { signal, onWait, ...patience, ...(others && { others }) });
  const cache =
    options.cache === true
      ? { cacheDir, recorded: await (cluster?.recordedImages() ?? recordedImages(cacheDir)) }
      : undefined;
  const lookAround = async (): Promise<readonly (LocalFinding | RecordFinding)[]> => [
    ...(await leftovers.find()),
    ...(cluster ? await recordFindings(cluster, signal) : []),
    ...(cache ? await cacheFindings(cache, signal) : []),
  ];
  const text = options.json !== true;

  let findings = await diagnose();
  let local = await lookAround();
  if (text)
    terminal.stdout.write(
      [...findings, ...local].map((found) => render(found, terminal.stdout.columns)).join(''),
    );
  let fixed: readonly string[] = [];
  if (options.fix === true) {
    const chosen = await confirmed(findings, options, terminal);
    fixed = [
      ...(await repairBoard(board, chosen, { signal, onWait })),
      ...(local.length > 0 ? await leftovers.remove() : []),
      ...(cache ? await mendCache(cache, signal) : []),
    ];
    if (text) for (const line of fixed) terminal.stdout.write(`fixed   ${line}\n`);
    if (fixed.length > 0) [findings, local] = [await diagnose(), await lookAround()];
  }
  const all = [...findings, ...local];
  const wrong = all.filter(isWrong);
  if (!text) {
    const shown = all.map(({ code, severity, message, hint, fixable }) => ({
      ...{ code, severity, message, hint, fixable },
    }));
    terminal.stdout.write(`${JSON.stringify({ healthy: wrong.length === 0, findings: shown, fixed })}\n`);
  } else {
    const offer = options.fix !== true && all.some(({ fixable }) => fixable);
    const offered = offer ? '; turingpi doctor --fix undoes what is marked fixable' : '';
    const noted = all.filter(({ severity }) => severity === 'note').length;
    const notes = noted === 0 ? '' : `; ${noted} ${noted === 1 ? 'note is' : 'notes are'} above`;
    terminal.stdout.write(
      wrong.length === 0
        ? `${noted === 0 ? 'nothing is wrong' : 'the board works'}${notes}${offered}\n`
        : `${wrong.length} ${wrong.length === 1 ? 'thing is' : 'things are'} wrong${notes}${offered}\n`,
    );
  }
  return wrong.length === 0 ? EXIT.ok : EXIT.failed;
}

function isWrong({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity === 'warning' || severity === 'error';
}

function render(
  { code, severity, message, hint, fixable }: Finding | LocalFinding | RecordFinding,
  columns: number | undefined,
): string {
  const tail = severity === 'ok' ? '' : ` [${code}${fixable ? ', fixable' : ''}]`;
  const advice = hint === undefined || severity === 'ok' ? '' : `          ${hint}\n`;
  return printableLines(`${MARKS[severity]}${message}${tail}\n${advice}`)
    .split('\n')
    .map((line) => wrapped(line, columns, 10))
    .join('\n');
}

/**
 * What may be undone. A node is switched off only when it was named: with `--node`, or by the answer to a question that
 * names it. Where nobody can be asked, it is said which one stays on, and how to name it.
 */
async function confirmed(
  findings: readonly Finding[],
  options: DoctorOptions,
  terminal: Terminal,
): Promise<readonly Finding[]> {
  const chosen: Finding[] = [];
  for (const found of findings) {
    const { repair } = found;
    if (!repair) continue;
    if (repair.kind !== 'power-off') {
      chosen.push(found);
      continue;
    }
    const names = repair.nodes.join(',');
    if (repair.nodes.every((id) => options.node?.includes(id))) chosen.push(found);
    else if (canAsk(terminal)) {
      if (await confirm(`Switch node ${names} off? ${found.message}.`, {}, terminal)) chosen.push(found);
    } else
      terminal.stderr.write(
        `node ${names} stays on, as it was not named: turingpi doctor --fix --node ${names} switches it off\n`,
      );
  }
  return chosen;
}
