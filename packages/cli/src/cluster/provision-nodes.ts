import {
  approvalOfPlan,
  type ClusterPlan,
  type ClusterSummary,
  type EraseApproval,
  type RunOptions,
} from '@turingpi/core';
import { declarativeHooks } from '@turingpi/provisioning';
import { type NodeId, TuringPiError } from '@turingpi/foundation';
import { EXIT, exitCodeOf } from '../process/exit-codes.js';
import { assertEraseNames } from '../process/erase-option.js';
import { RunPage } from '../page/run-page.js';
import { onInterruption } from '../process/interruption.js';
import { programVersion } from '../process/program-version.js';
import { type RunLimits, runLimits } from '../process/run-limits.js';
import type { Terminal } from '../process/terminal.js';
import { UsageError } from '../process/usage-error.js';
import { createReporter } from '../render/create-reporter.js';
import { WaitingFor } from '../render/waiting-for.js';
import { declaredWorkflow } from './declared-workflow.js';
import { eraseApproval } from './ask-to-erase.js';
import { repeatApproval } from './ask-to-repeat.js';
import { openCluster } from './open-cluster.js';
import { reachBoard } from './reach-board.js';
import { readApprovedPlan } from './read-approved-plan.js';
import { untriedHardwareNote } from './untried-hardware.js';

/** What the commands that provision nodes have in common. */
export interface ProvisionOptions extends RunLimits {
  readonly config?: string;
  readonly node?: readonly NodeId[];
  /** Disks that may be erased without asking. */
  readonly erase?: EraseApproval;
  /** Do not ask finished nodes whether what is on record still holds. */
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** Take base images that were made for another board or system. */
  readonly force?: boolean;
  /** A file with the plan that was approved: it is what runs, or nothing. */
  readonly plan?: string;
  /** Wait for nodes that another run has. */
  readonly wait?: boolean;
  /** Serve a page of the run while it goes on. */
  readonly watch?: boolean;
}

/** Runs the configuration's workflow for its nodes, or for some, and tells how it went. */
export async function provisionNodes(
  options: ProvisionOptions,
  terminal: Terminal,
  how: Pick<RunOptions, 'reinstall'> & { readonly command: string },
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
  const plan = options.plan === undefined ? undefined : await approvedPlan(options.plan, options, terminal);
  const ids = plan?.nodes.map(({ nodeId }) => nodeId) ?? options.node;
  const reinstall = plan?.reinstall ?? how.reinstall;
  await using opened = await openCluster(options.config, terminal, {
    debug: options.verbose === true,
    declared: { nodes: ids },
    approve: plan
      ? approvalOfPlan(plan)
      : eraseApproval(options.erase, terminal, { signal, note: (text) => reporter.note(text) }),
  });
  const { cluster, file } = opened;
  assertEraseNames(options.erase, new Set(cluster.config.nodes.keys()));
  const workflow = declaredWorkflow(opened, terminal, { force: options.force === true });
  const unsubscribe = cluster.subscribe((event) => {
    waitingFor.event(event);
    reporter.event(event);
  });
  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
    reporter.note(text);
  };
  await using page =
    options.watch === true ? new RunPage(cluster.runs, (text) => reporter.note(text)) : undefined;
  try {
    const untried = await untriedHardwareNote(cluster);
    if (untried !== undefined) note(untried);
    await reachBoard(cluster, {
      nodes: ids,
      installsFinished: (reinstall?.length ?? 0) > 0,
      signal,
      note,
    });
    const offline = options.offline === true;
    const hooks = declarativeHooks(cluster, file);
    if (plan) await cluster.assertPlan(plan, workflow, { signal, offline, hooks });
    const summary = await cluster.runAll(cluster.run(workflow), {
      ...{ signal, offline, command: how.command },
      ...(plan === undefined && { rerun: repeatApproval(terminal) }),
      ...limits,
      ...plan?.limits,
      hooks,
      ...(reinstall && { reinstall }),
      ...(plan && { plan }),
      ...(ids && { nodes: ids }),
      wait: options.wait === true,
      version: programVersion(),
      notes,
      ...(page === undefined ? {} : { onStart: ({ id }) => page.begin(id) }),
      onCancelling: (by) => {
        if (!interruption.signal.aborted) stopping(`, asked by ${by}`);
      },
    });
    reporter.summary(summary);
    return signal.aborted ? EXIT.interrupted : exitCodeOfRun(summary);
  } finally {
    unsubscribe();
  }
}

/** @throws UsageError for options that a plan has said already; PlanError `PLAN_UNREADABLE`. */
function approvedPlan(
  file: string,
  { node, erase, from, until }: ProvisionOptions,
  { cwd }: Terminal,
): Promise<ClusterPlan> {
  if ([node, erase, from, until].some((option) => option !== undefined))
    throw new UsageError(
      '--plan says already which nodes and phases run, and what is erased',
      'Leave out --node, --erase, --from and --until, or make the plan with them.',
    );
  return readApprovedPlan(file, cwd);
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
