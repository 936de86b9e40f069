import { approvalOfPlan, type BoardSet, type ClusterSummary, type TuringPi } from '@turingpi/core';
import { TuringPiError } from '@turingpi/foundation';
import { RunPage } from '../page/run-page.js';
import { assertEraseNames, type Erase, eraseOn } from '../process/erase-option.js';
import { EXIT, exitCodeOf } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { NodeName } from '../process/node-names.js';
import { programVersion } from '../process/program-version.js';
import { type RunLimits, runLimits } from '../process/run-limits.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { createReporter } from '../render/create-reporter.js';
import { WaitingFor } from '../render/waiting-for.js';
import { type ApprovedPlans, readApprovedPlans } from './approved-plans.js';
import { eraseApproval } from './ask-to-erase.js';
import { endOfRun } from './end-of-run.js';
import { declaredWorkflow, hooksOf } from './declared-workflow.js';
import { repeatApproval } from './ask-to-repeat.js';
import { configuredNodes, openBoards } from './open-boards.js';
import { preflightBoards } from './preflight-boards.js';
import { nodesMeant } from './several-boards.js';
import { untriedHardwareNote } from './untried-hardware.js';

/** What the commands that provision nodes have in common. */
export interface ProvisionOptions extends RunLimits {
  readonly config?: string;
  readonly node?: readonly NodeName[];
  /** Disks that may be erased without asking. */
  readonly erase?: Erase;
  /** Do not ask finished nodes whether what is on record still holds. */
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** Take base images that were made for another board or system. */
  readonly acceptImageMismatch?: boolean;
  /** How nodes are installed this time, whatever the configuration says. */
  readonly install?: string;
  /** A file with the plan that was approved: it is what runs, or nothing. */
  readonly plan?: string;
  /** Wait for nodes that another run has. */
  readonly wait?: boolean;
  /** Serve a page of the run while it goes on. */
  readonly watch?: boolean;
}

/** What is asked for besides the options. */
export interface ProvisionRequest {
  readonly command: string;
  /** Nodes that are to be installed anew. */
  readonly reinstall?: readonly NodeName[];
}

/** Runs the configuration's workflow for its nodes, or for some, and tells how it went. */
export async function provisionNodes(
  options: ProvisionOptions,
  terminal: Terminal,
  { command, reinstall: anew }: ProvisionRequest,
): Promise<number> {
  const limits = runLimits(options);
  using reporter = await createReporter(terminal, { json: options.json === true });
  const waitingFor = new WaitingFor();
  const stopping = (by: string) => {
    reporter.note(`stopping${by}; press Ctrl-C again to leave at once`);
    for (const line of waitingFor.lines) reporter.note(line);
  };
  using interruption = onInterruption(() => stopping(''));
  const { signal } = interruption;
  const plans = options.plan === undefined ? undefined : await approvedPlans(options.plan, options, terminal);
  const named = plans?.nodes ?? options.node;
  const asked = eraseApproval(terminal, {
    signal,
    note: (text) => reporter.note(text),
    aside: (ask) => reporter.aside(ask),
  });
  await using opened = await openBoards(options.config, terminal, {
    debug: options.verbose === true,
    nodes: named,
    declared: true,
    approve: (board) => {
      const plan = plans?.of(board);
      if (plans !== undefined) return plan === undefined ? 'none' : approvalOfPlan(plan);
      return eraseOn(board, options.erase) ?? asked;
    },
  });
  const { boards } = opened;
  plans?.assertBoards([...boards.clusters.keys()]);
  const configured = configuredNodes(boards);
  assertEraseNames(options.erase, configured);
  const nodes = nodesMeant(named, configured);
  const reinstall = nodesMeant(plans?.reinstall ?? anew, configured);
  const workflowOf = (cluster: TuringPi) =>
    declaredWorkflow(opened.at(cluster), terminal, {
      force: options.acceptImageMismatch === true,
      strategyForNow: options.install,
    });
  const hooks = (cluster: TuringPi) => hooksOf(opened.at(cluster));
  for (const cluster of boards.clusters.values()) workflowOf(cluster); // what is wrong is told before anything is reached
  const unsubscribe = boards.subscribe((event) => {
    waitingFor.event(event);
    reporter.event(event);
  });
  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
    reporter.note(text);
  };
  await using page =
    options.watch === true ? new RunPage(boards.runs, (text) => reporter.note(text)) : undefined;
  try {
    const installsFinished = (reinstall?.length ?? 0) > 0;
    await noteUntriedHardware(boards, note);
    await preflightBoards(opened, terminal, {
      ...{ nodes, installsFinished, signal, note, strategyForNow: options.install },
    });
    const offline = options.offline === true;
    for (const [name, cluster] of boards.clusters) {
      const plan = plans?.of(name);
      const how = { signal, offline, hooks: hooks(cluster) };
      if (plan) await cluster.assertPlan(plan, workflowOf(cluster), how);
    }
    const summary = await boards.runAll((cluster) => cluster.run(workflowOf(cluster)), {
      ...{ signal, offline, command, nodes, reinstall, hooks },
      ...(plans === undefined && { rerun: repeatApproval(terminal, reporter) }),
      ...limits,
      ...plans?.limits,
      ...(plans && { plans: plans.of }),
      wait: options.wait === true,
      version: programVersion(),
      notes,
      ...(page === undefined ? {} : { onStart: ({ id }) => page.begin(id) }),
      onCancelling: (by) => {
        if (!interruption.signal.aborted) stopping(`, asked by ${by}`);
      },
    });
    reporter.summary(summary, await endOfRun(summary, boards, { command, config: options.config }));
    return signal.aborted ? EXIT.interrupted : exitCodeOfRun(summary);
  } finally {
    unsubscribe();
  }
}

/** Whoever has boards on which nothing was ever installed is told that he may be the first. */
async function noteUntriedHardware({ clusters }: BoardSet, note: (text: string) => void): Promise<void> {
  for (const [name, cluster] of clusters) {
    const untried = await untriedHardwareNote(cluster);
    if (untried !== undefined) note(name === undefined ? untried : `${name}: ${untried}`);
  }
}

/** @throws UsageError for options that a plan has said already; PlanError `PLAN_UNREADABLE`. */
function approvedPlans(
  file: string,
  { node, erase, from, until }: ProvisionOptions,
  { cwd }: Terminal,
): Promise<ApprovedPlans> {
  if ([node, erase, from, until].some((option) => option !== undefined))
    throw new UsageError(
      '--plan says already which nodes and phases run, and what is erased',
      'Leave out --node, --erase, --from and --until, or make the plan with them.',
    );
  return readApprovedPlans(file, cwd);
}

/** A failure decides, then a node out of reach, then that changes remain. */
export function exitCodeOfRun({ nodes, completed }: ClusterSummary): number {
  if (completed) return EXIT.ok;
  if (nodes.some(({ outcome }) => outcome === 'aborted')) return EXIT.interrupted;
  const failed = nodes.find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined) {
    const code = exitCodeOf(failed.error);
    return code === EXIT.failed ? EXIT.phase : code;
  }
  const blocked = nodes.filter(({ outcome }) => outcome === 'blocked').map(({ error }) => error);
  const other = blocked.find((error) => exitCodeOf(error) !== EXIT.changesRemain);
  if (other !== undefined) return exitCodeOf(other);
  if (nodes.some(({ outcome }) => outcome === 'unreachable')) return EXIT.unreachable;
  return TuringPiError.is(blocked[0]) ? exitCodeOf(blocked[0]) : EXIT.phase;
}
