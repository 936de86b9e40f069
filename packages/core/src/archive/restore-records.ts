import { type EraseLedger, type LedgerEntry, NODE_IDS, nodeName } from '@turingpi/foundation';
import { claimedRecord } from '../phase/claimed-record.js';
import { PHASES } from '../phase/phase.js';
import type { NodeSecretsStore } from '../state/node-secrets.js';
import type { NodeState, PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import type { ArchiveContent } from './archive-content.js';
import {
  saysWhatIsThere,
  replaceInstallation,
  tellsOfInstallation,
  unknownInstallation,
} from './replace-installation.js';

/** Where records are restored to. */
export interface RestoredTo {
  readonly state: StateStore;
  readonly secrets: NodeSecretsStore;
  readonly ledger: EraseLedger;
  readonly now: () => Date;
}

/**
 * Puts the content of an archive on record. What tells of erasures is only added to: it never makes a node new, also where
 * it comes to an end on the way.
 *
 * @throws StateError
 */
export async function restoreRecords(
  { state, secrets, ledger, now }: RestoredTo,
  content: ArchiveContent,
  signal: AbortSignal,
): Promise<void> {
  // First what protects disks: whatever comes to an end on the way, no node is taken for a new one.
  const { entries } = await ledger.read();
  const known = new Set(entries.map(identityOf));
  await ledger.restore(content.ledger.filter((entry) => !known.has(identityOf(entry))));
  if (content.secrets !== undefined) await secrets.restore(content.secrets);
  for (const node of NODE_IDS.map(nodeName)) {
    const { os_installation: installation, ...others } = settled(content.state[node] ?? {});
    const at = now().toISOString();
    await replaceInstallation(state, node, (here) => installationFor(here, installation, at));
    for (const phase of PHASES.filter((name) => name !== 'os_installation')) await state.forget(node, phase);
    if (Object.keys(others).length > 0) await state.amend(node, () => others);
    for (const { entries, phase } of content.journals.filter((one) => one.node === node)) {
      const record = settled(content.state[node] ?? {})[phase];
      if (record?.input_hash === undefined) continue;
      const seen = (await state.load())[node]?.[phase]?.fence;
      const claimed = claimedRecord(phase, record, record.timestamp);
      const claim = { record: claimed, seen, keepJournal: 0, signal };
      await using lease = await state.claim(node, phase, record.input_hash, claim);
      for (const entry of entries) await state.append(lease, entry);
      await state.finish(lease, () => record);
    }
  }
}

/** The record of an installation that an archive tells of, unless it tells less of the node than is known here. */
function installationFor(
  here: PhaseRecord | undefined,
  there: PhaseRecord | undefined,
  at: string,
): PhaseRecord | undefined {
  if (saysWhatIsThere(there)) return there;
  const isLess = saysWhatIsThere(here) || (tellsOfInstallation(here) && !tellsOfInstallation(there));
  if (isLess) return unknownInstallation(at, 'what was on record of it was replaced by an import');
  return there ?? (here && { status: 'pending', timestamp: at });
}

function identityOf({ at, board, node, disk }: LedgerEntry): string {
  return JSON.stringify([at, board, node, disk]);
}

/** Records without what only held where they were made: who ran a phase there, and how often it was claimed. */
function settled(node: NodeState): NodeState {
  const records = PHASES.flatMap((phase) => {
    const record = node[phase];
    return record === undefined ? [] : [[phase, settledRecord(record)] as const];
  });
  return Object.fromEntries(records);
}

function settledRecord({
  owner: _owner,
  fence: _fence,
  journal: _journal,
  ...record
}: PhaseRecord): PhaseRecord {
  if (record.status !== 'running') return record;
  const error = { code: 'ABORTED', message: 'its process was gone when the state was exported' };
  return { ...record, status: 'failed', error };
}
