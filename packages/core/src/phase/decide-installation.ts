import { type DiskEvidence, type InputChange, nodeArgument } from '@turingpi/foundation';
import { IdentityError } from '../errors/identity-error.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import { standingInstallation } from '../state/standing-installation.js';
import { changedInputs } from './input-digests.js';
import type { PhaseDecision } from './phase-decision.js';
import type { PhaseQuestion } from './phase-question.js';
import type { Standing } from './phase-step.js';
import type { InstalledNode } from './phase.js';
import { reasonToRun } from './reason-to-run.js';
import { writtenInstallation } from './written-installation.js';

type InstallationQuestion = PhaseQuestion<'os_installation'>;

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
  const { step, node, hash, records, erasure, reinstall } = question;
  const record = records.os_installation;
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
  const written = writtenInstallation(records);
  if (written?.input_hash === hash && step.goesOn === true && !reinstall && step.rerun !== true) {
    await erasure.release();
    return { run: reasonToRun(record, hash), written: written.output as unknown as InstalledNode };
  }
  const permit = await approved(question, undefined);
  if (permit === undefined) throw erasure.refusal();
  return { run: reinstall ? 'reinstallation' : reasonToRun(record, hash), permit, ...changesIn(question) };
}

/** What differs from the installation that stands, or from what was tried last. */
function changesIn({ records, inputs }: InstallationQuestion): { readonly changes?: readonly InputChange[] } {
  const record = records.os_installation;
  const before = standingInstallation(record)?.inputs ?? record?.inputs;
  return before === undefined ? {} : { changes: changedInputs(before, inputs) };
}

async function approved(question: InstallationQuestion, evidence: DiskEvidence | undefined) {
  const { step, erasure, inputs, records, hash, imagePlan, environment } = question;
  const whoAnswers = step.whoAnswers?.bind(step);
  return erasure.approve({
    disk: step.disk ?? 'emmc',
    plan: imagePlan ?? hash,
    wanted: question.reinstall,
    changes: changedInputs(standingInstallation(records.os_installation)?.inputs ?? {}, inputs),
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
        `Nothing was changed. \`turingpi adopt ${nodeArgument(node.id, node.board)}\` takes what runs there for yours; ` +
        `\`turingpi reinstall ${nodeArgument(node.id, node.board)}\` erases it.`,
      details: { node: node.id },
    },
  );
}
