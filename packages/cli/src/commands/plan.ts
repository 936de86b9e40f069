import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { plansAsJson } from '../cluster/approved-plans.js';
import { declaredWorkflow, hooksOf } from '../cluster/declared-workflow.js';
import { configuredNodes, type OpenedBoards, openBoards } from '../cluster/open-boards.js';
import { preflightFindings } from '../cluster/preflight-boards.js';
import { preflightIssues } from '../cluster/preflight-error.js';
import type { ProvisionOptions } from '../cluster/provision-nodes.js';
import { nodesMeant } from '../cluster/several-boards.js';
import { assertEraseNames, eraseOn } from '../process/erase-option.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { NodeName } from '../process/node-names.js';
import { remark } from '../process/remark.js';
import { runLimits } from '../process/run-limits.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { type ErrorIssue, renderFinding } from '../render/error.js';
import { renderPlans } from '../render/plan.js';
import { printableLines } from '../render/printable.js';

export interface PlanCommandOptions extends ProvisionOptions {
  /** Finished nodes that are to be installed anew. */
  readonly reinstall?: readonly NodeName[];
  /** Where the plan is written, for `up --plan`. */
  readonly output?: string;
}

/** `turingpi plan`: what `up` would do now, and why. Changes nothing. */
export async function plan(options: PlanCommandOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => remark(terminal, 'stopping'));
  await using opened = await openBoards(options.config, terminal, {
    debug: options.verbose === true,
    nodes: options.node,
    declared: true,
  });
  const configured = configuredNodes(opened.boards);
  assertEraseNames(options.erase, configured);
  const plans = await opened.boards.plan(
    (cluster) =>
      declaredWorkflow(opened.at(cluster), terminal, {
        force: options.acceptImageMismatch === true,
        strategyForNow: options.install,
      }),
    {
      signal: interruption.signal,
      offline: options.offline === true,
      ...runLimits(options),
      hooks: (cluster) => hooksOf(opened.at(cluster)),
      comparable: options.output !== undefined,
      nodes: nodesMeant(options.node, configured),
      erase: (board) => eraseOn(board, options.erase),
      reinstall: nodesMeant(options.reinstall, configured),
    },
  );
  const made = plansAsJson(plans);
  if (options.output !== undefined) await writePlan(path.resolve(terminal.cwd, options.output), made);
  const issues =
    options.offline === true ? [] : await inTheWay(opened, options, terminal, interruption.signal);
  if (options.json === true)
    terminal.stdout.write(
      `${JSON.stringify({ ...made, ...(issues.length > 0 && { preflight: issues }) })}\n`,
    );
  else {
    terminal.stdout.write(renderPlans(plans, terminal.stdout.columns));
    if (issues.length > 0)
      terminal.stdout.write(
        printableLines(['', IN_THE_WAY, ...issues.flatMap(renderFinding), ''].join('\n')),
      );
  }
  return made.changes ? EXIT.changesRemain : EXIT.ok;
}

const IN_THE_WAY = 'in the way of a run, which would begin nothing:';

/** What `up` would stop at before any work. */
async function inTheWay(
  opened: OpenedBoards,
  { node, reinstall = [], install }: PlanCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly ErrorIssue[]> {
  const found = await preflightFindings(opened, terminal, {
    nodes: nodesMeant(node, configuredNodes(opened.boards)),
    installsFinished: reinstall.length > 0,
    strategyForNow: install,
    note: (text) => remark(terminal, text),
    signal,
  });
  return preflightIssues(found.filter(({ severity }) => severity === 'error'));
}

/** At once or not at all, readable by its owner: what a node is asked to be is nobody else's business. */
async function writePlan(file: string, made: ReturnType<typeof plansAsJson>): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new UsageError(
      `the plan cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
      'Name a file in a folder that exists and can be written to.',
    );
  }
}
