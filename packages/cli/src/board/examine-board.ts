import { diagnoseBoard, type Finding, repairBoard } from '@turingpi/bmc';
import { recordedImages, TuringPiError } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';
import { cacheDirectories } from '@turingpi/image';
import { canAsk, confirm } from '../process/confirm.js';
import { installedBackends } from '../process/installed-backends.js';
import { remark } from '../process/remark.js';
import type { Terminal } from '../process/terminal.js';
import { cacheFindings, mendCache, recordFindings } from './local-records.js';
import { LocalLeftovers } from './local-leftovers.js';
import { type BoardOptions, openBoard } from './open-board.js';
import { nodeFindings } from './node-findings.js';
import { recordedNodes } from './recorded-nodes.js';
import { type AnyFinding, printFindings } from './report-findings.js';

export interface DoctorOptions extends BoardOptions {
  /** Undo what can be undone. */
  readonly fix?: boolean;
  /** Nodes to look at more closely; with `fix` those that may be switched off without asking. */
  readonly node?: readonly NodeId[];
  /** What is wrong on this computer alone. */
  readonly offline?: boolean;
  /** Compare the digests of everything in the cache as well. */
  readonly cache?: boolean;
  /** How long an API that does not answer is given, in seconds. */
  readonly patience?: number;
}

/** What was found, and what was undone. */
export interface Examined {
  readonly findings: readonly (AnyFinding & { readonly board?: string })[];
  readonly fixed: readonly string[];
}

/** Bringing up a module blocks the API for up to 15 s, which is nothing to worry about. */
const BUSY_MS = 20_000;

/**
 * Looks at one board and at what is on record of it; what is found is printed.
 *
 * @param declared - what is wrong in its configuration
 * @param computer - looks at what is on this computer for whatever board as well
 */
export async function examineBoard(
  options: DoctorOptions,
  { declared, computer }: { readonly declared: readonly AnyFinding[]; readonly computer: boolean },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Examined> {
  const text = options.json !== true;
  await using opened = await openBoard(options, terminal).catch((error: unknown) => {
    // A configuration that cannot be opened is a finding, and its board and records are not known.
    if (declared.length > 0 && TuringPiError.is(error) && error.category === 'configuration')
      return undefined;
    throw error;
  });
  if (opened === undefined) {
    if (text) printFindings(declared, terminal);
    return { findings: declared, fixed: [] };
  }
  const { client: board, cacheDir, cluster } = opened;
  const leftovers = new LocalLeftovers(
    [...cacheDirectories(cacheDir), terminal.cwd],
    await installedBackends(terminal),
  );
  const onWait = (note: string): void => remark(terminal, note);
  const patienceMs = options.patience === undefined ? undefined : options.patience * 1000;
  const patience = patienceMs === undefined ? {} : { patienceMs, busyMs: Math.min(BUSY_MS, patienceMs) };
  const others = cluster && recordedNodes(cluster);
  const diagnose = () => diagnoseBoard(board, { signal, onWait, ...patience, ...(others && { others }) });
  const cache =
    options.cache === true && computer
      ? { cacheDir, recorded: await (cluster?.recordedImages() ?? recordedImages(cacheDir)) }
      : undefined;
  const lookAround = async (): Promise<readonly AnyFinding[]> => [
    ...(computer ? await leftovers.find() : []),
    ...(cluster ? await recordFindings(cluster, signal) : []),
    ...(cache ? await cacheFindings(cache, signal) : []),
  ];
  const lookEverywhere = async () => {
    const ofBoard = options.offline === true ? [] : await diagnose();
    const isReachable = !ofBoard.some(({ severity }) => severity === 'error');
    const closer =
      isReachable && options.offline !== true && options.fix !== true ? (options.node ?? []) : [];
    const ofNodes = closer.length > 0 ? await nodeFindings({ client: board, cluster }, closer, signal) : [];
    return { ofBoard, all: [...declared, ...ofBoard, ...ofNodes, ...(await lookAround())] };
  };

  let found = await lookEverywhere();
  if (text) printFindings(found.all, terminal);
  let fixed: readonly string[] = [];
  if (options.fix === true) {
    const chosen = await confirmed(found.ofBoard, options, terminal);
    fixed = [
      ...(await repairBoard(board, chosen, { signal, onWait })),
      ...(found.all.some(({ code }) => code === 'LOCAL_LEFTOVERS') ? await leftovers.remove() : []),
      ...(cache ? await mendCache(cache, signal) : []),
    ];
    if (text) for (const line of fixed) terminal.stdout.write(`fixed   ${line}\n`);
    if (fixed.length > 0) found = await lookEverywhere();
  }
  return { findings: found.all, fixed };
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
