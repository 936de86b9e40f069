import type { DiskEvidence, InputChange } from '@turingpi/foundation';
import type { NodeErasure } from '../erasure/node-erasure.js';
import { IdentityError } from '../errors/identity-error.js';
import type { PhaseStartReason } from '../event/event.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import { standingInstallation } from '../state/standing-installation.js';
import { changedInputs, type InputDigests } from './input-digests.js';
import type { PhaseDecision } from './phase-decision.js';
import type { PhaseEnvironment, PhaseStep, Standing } from './phase-step.js';
import type { InstalledNode } from './phase.js';

/** What is known when it is decided. */
export interface InstallationQuestion {
  readonly step: PhaseStep<'os_installation'>;
  readonly node: Node;
  readonly hash: string;
  readonly inputs: InputDigests;
  /** What the disk is to hold: the plan of the image, where it is known. */
  readonly plan: string;
  readonly record: PhaseRecord | undefined;
  readonly environment: PhaseEnvironment;
  readonly erasure: NodeErasure;
  readonly reinstall: boolean;
  /** The nodes are not asked. */
  readonly offline: boolean;
  readonly now: Date;
  readonly reasonToRun: (record: PhaseRecord | undefined) => PhaseStartReason;
}

/** A node that proved itself is noted again after this time, in milliseconds. */
const SEEN_EVERY_MS = 600_000;

/**
 * Whether a node is installed.
 *
 * @throws IdentityError `NODE_OTHER_SYSTEM` when the node answers as another one and nobody approved to erase it;
 * ErasureError `ERASE_NOT_APPROVED`, `NEEDS_REINSTALL`.
 */
export async function decideInstallation(
  question: InstallationQuestion,
): Promise<PhaseDecision<'os_installation'>> {
  const { step, node, hash, record, erasure, reinstall } = question;
  const installed = standingInstallation(record);
  const same = installed !== undefined && (installed.adopted === true || installed.input_hash === hash);
  // Who waits for its turn may find that somebody else has installed what is asked for.
  const isToGo = installed !== undefined && erasure.isApprovedFor(installed);
  if (same && !reinstall && !isToGo && step.rerun !== true) {
    const output = installed.output as unknown as InstalledNode;
    const standing = await standingOf(question, output);
    if (standing === true) {
      await erasure.release();
      return { reuse: output, ...seen(question, installed) };
    }
    if (standing !== false && standing.standing === 'unproven') {
      await erasure.release();
      const last = installed.seen_at ?? installed.timestamp;
      return { reuse: output, note: `not reachable, last seen ${last}: ${standing.message}` };
    }
    const permit = await approved(question, 'unknown');
    if (permit !== undefined) return { run: 'output missing or changed', permit };
    throw standing === false ? erasure.refusal() : otherSystem(node, standing.message);
  }
  const permit = await approved(question, undefined);
  if (permit === undefined) throw erasure.refusal();
  return { run: reinstall ? 'reinstallation' : question.reasonToRun(record), permit, ...changesIn(question) };
}

/** What differs from the installation that stands, or from what was tried last. */
function changesIn({ record, inputs }: InstallationQuestion): { readonly changes?: readonly InputChange[] } {
  const before = standingInstallation(record)?.inputs ?? record?.inputs;
  return before === undefined ? {} : { changes: changedInputs(before, inputs) };
}

async function approved(question: InstallationQuestion, evidence: DiskEvidence | undefined) {
  const { step, erasure, inputs, record, plan, environment } = question;
  const whoAnswers = step.whoAnswers?.bind(step);
  return erasure.approve({
    disk: step.disk ?? 'emmc',
    plan,
    wanted: question.reinstall,
    changes: changedInputs(standingInstallation(record)?.inputs ?? {}, inputs),
    ...(whoAnswers === undefined ? {} : { whoAnswers: () => whoAnswers(environment) }),
    ...(evidence === undefined ? {} : { evidence }),
  });
}

async function standingOf(
  { step, offline, environment }: InstallationQuestion,
  output: InstalledNode,
): Promise<Standing> {
  return offline || step.stands(output, environment);
}

/** What the record learns of a node that has just proved itself. */
function seen(
  { offline, now }: InstallationQuestion,
  installed: PhaseRecord,
): { readonly amend?: Partial<PhaseRecord> } {
  if (offline) return {};
  const last = Date.parse(installed.seen_at ?? installed.timestamp);
  const fresh = now.getTime() - last >= 0 && now.getTime() - last < SEEN_EVERY_MS;
  return fresh ? {} : { amend: { seen_at: now.toISOString() } };
}

function otherSystem(node: Node, message: string): IdentityError {
  return new IdentityError(
    'NODE_OTHER_SYSTEM',
    `${node.hostname} (node ${node.id}) does not run what is on record: ${message}`,
    {
      hint:
        `Nothing was changed. \`turingpi adopt ${node.id}\` takes what runs there for yours; ` +
        `\`turingpi reinstall ${node.id}\` erases it.`,
      details: { node: node.id },
    },
  );
}
