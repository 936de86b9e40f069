import { type DiskEvidence, type InputChange, nodeArgument } from '@turingpi/foundation';
import { IdentityError } from '../errors/identity-error.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import { standingInstallation } from '../state/standing-installation.js';
import { changedInputs } from './input-digests.js';
import type { PhaseDecision } from './phase-decision.js';
import type { PhaseQuestion } from './phase-question.js';
import type { Standing } from './phase-step.js';
import { showInput } from './compare-inputs.js';
import type { InPlaceAnswer, InPlaceChange, TriedSettings } from './in-place.js';
import type { CustomizedImage, InstalledNode } from './phase.js';
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
  const isLeft = !reinstall && !isToGo && step.rerun !== true;
  const answer = isLeft ? await inPlaceAnswer(question, installed) : undefined;
  if (answer?.change !== undefined && installed !== undefined)
    return changedInPlace(question, installed, answer.change, answer.changes);
  if (same && isLeft && answer === undefined) {
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
  const permit = await approved(question, undefined, answer?.changes);
  if (permit === undefined) throw erasure.refusal();
  return { run: reinstall ? 'reinstallation' : reasonToRun(record, hash), permit, ...changesIn(question) };
}

/** What differs from the installation that stands, or from what was tried last. */
function changesIn({ records, inputs }: InstallationQuestion): { readonly changes?: readonly InputChange[] } {
  const record = records.os_installation;
  const before = standingInstallation(record)?.inputs ?? record?.inputs;
  return before === undefined ? {} : { changes: changedInputs(before, inputs) };
}

/**
 * What becomes on the node as it runs of what differs, and of what an earlier run has begun to change; undefined where
 * there is nothing of both, or it is not known.
 */
async function inPlaceAnswer(
  { step, records, inputs, environment }: InstallationQuestion,
  installed: PhaseRecord | undefined,
): Promise<InPlaceAnswer<'os_installation'> | undefined> {
  if (installed === undefined || installed.adopted === true) return undefined;
  if (installed.image === undefined || step.inPlace === undefined) return undefined;
  const tried: TriedSettings = records.os_installation?.tried ?? {};
  const changes = changedInputs(installed.inputs ?? {}, inputs);
  const changed = new Set(changes.map(({ name }) => name));
  const begun = Object.keys(tried).filter((name) => !changed.has(name));
  if (changes.length === 0 && begun.length === 0) return undefined;
  const again = begun.map((name) => {
    const value = showInput(inputs[name]?.value, 'set');
    return { name, before: value, after: value, note: 'an earlier run has begun to change it' };
  });
  const image = installed.image.output as unknown as CustomizedImage;
  const output = installed.output as unknown as InstalledNode;
  return step.inPlace({ changes: [...changes, ...again], image, installed: output, tried }, environment);
}

/**
 * The node is changed as it runs, once it has shown that it is the one on record. One that does not answer now is found out
 * about when it is logged in to.
 *
 * @throws IdentityError `NODE_OTHER_SYSTEM`
 */
async function changedInPlace(
  question: InstallationQuestion,
  installed: PhaseRecord,
  change: InPlaceChange<'os_installation'>,
  changes: readonly InputChange[],
): Promise<PhaseDecision<'os_installation'>> {
  const { node, erasure, records } = question;
  const { offline, environment } = question;
  const standing =
    change.stands === undefined
      ? await standingOf(question, installed.output as unknown as InstalledNode)
      : offline || (await change.stands(environment));
  if (typeof standing === 'object' && standing.standing === 'contradicted')
    throw otherSystem(node, standing.message);
  await erasure.release();
  const { status, tried } = records.os_installation ?? {};
  const failed = tried === undefined ? 'inputs changed' : 'previous run failed';
  const run = status === 'running' ? 'previous run crashed' : failed;
  return {
    run,
    changes,
    inPlace: { ...change, apply: (running) => change.apply(running), installed },
  };
}

async function approved(
  question: InstallationQuestion,
  evidence: DiskEvidence | undefined,
  known?: readonly InputChange[],
) {
  const { step, erasure, inputs, records, hash, imagePlan, environment } = question;
  const whoAnswers = step.whoAnswers?.bind(step);
  return erasure.approve({
    disk: step.disk ?? 'emmc',
    plan: imagePlan ?? hash,
    wanted: question.reinstall,
    changes: known ?? changedInputs(standingInstallation(records.os_installation)?.inputs ?? {}, inputs),
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
