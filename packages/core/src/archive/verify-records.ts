import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type EraseLedger, NODE_IDS, type NodeName, nodeName, TuringPiError } from '@turingpi/foundation';
import { PHASES, type PhaseName } from '../phase/phase.js';
import type { NodeSecretsStore } from '../state/node-secrets.js';
import type { SecretsDocument } from '../state/parse-node-secrets.js';
import { standingInstallation } from '../state/standing-installation.js';
import type { ClusterState, PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';

/** Something that is not as it should be on record. */
export interface RecordFinding {
  /** `note`: worth knowing, and nothing is wrong. */
  readonly kind: 'problem' | 'note';
  /** What it is about: a node, a node's phase, or a file. */
  readonly place: string;
  readonly message: string;
  /** Of the error, where one told of it. */
  readonly code?: string;
}

/** What is looked at. */
export interface VerifiedRecords {
  readonly state: StateStore;
  readonly secrets: NodeSecretsStore;
  readonly ledger: EraseLedger;
  readonly cacheDir: string;
}

/** Looks whether everything on record is whole and fits together. Reads only. @throws The signal's reason. */
export async function verifyRecords(
  records: VerifiedRecords,
  signal: AbortSignal,
): Promise<readonly RecordFinding[]> {
  const { state, secrets, ledger } = records;
  const findings: RecordFinding[] = [];
  const read = async <T>(place: string, look: () => Promise<T>): Promise<T | undefined> => {
    signal.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      if (!TuringPiError.is(error)) throw error;
      findings.push({ kind: 'problem', place, message: error.message, code: error.code });
      return undefined;
    }
  };
  const known = await read(state.location, () => state.load());
  const kept = await read(secrets.location, () => secrets.document());
  const lines = await read(ledger.location, () => ledger.read());
  if (lines?.isWhole === false)
    findings.push({
      kind: 'problem',
      place: ledger.location,
      message: 'it has lines that cannot be read: every node without a record counts as unknown',
    });
  if (known === undefined) return findings;
  for (const { node, phase, record } of recordsIn(known)) {
    const place = `${node} ${phase}`;
    findings.push(
      ...(await imageFindings(place, record, records.cacheDir, isInstalled(known, node), signal)),
    );
    if (record.status === 'running') findings.push(await leaseFinding(place, state, node, phase, record));
    await read(place, () => state.journal(node, phase));
  }
  if (kept !== undefined || known.board !== undefined) findings.push(...secretFindings(known, kept));
  return findings;
}

async function imageFindings(
  place: string,
  { status, output_image_path: named, output_sha256: wanted }: PhaseRecord,
  cacheDir: string,
  installed: boolean,
  signal: AbortSignal,
): Promise<RecordFinding[]> {
  if (status !== 'completed' || named === undefined) return [];
  const file = path.resolve(cacheDir, named);
  const digest = await digestOf(file, signal);
  if (digest === undefined) {
    // Only who still has to install it needs it, and it can be made again.
    const message = `its image ${file} is not there${installed ? '; the node has been installed from it' : ': it is made again'}`;
    return [{ kind: installed ? 'note' : 'problem', place, message }];
  }
  if (wanted === undefined || digest === wanted) return [];
  return [
    {
      kind: 'problem',
      place,
      message: `its image ${file} was altered: it is sha256 ${digest}, on record is ${wanted}`,
    },
  ];
}

/** SHA-256 (hex) of a file; undefined when there is none. */
async function digestOf(file: string, signal: AbortSignal): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
}

async function leaseFinding(
  place: string,
  state: StateStore,
  node: NodeName,
  phase: PhaseName,
  { owner, timestamp }: PhaseRecord,
): Promise<RecordFinding> {
  const holder = await state.holder(node, phase);
  const since = `since ${owner?.started_at ?? timestamp}`;
  if (holder !== undefined)
    return { kind: 'note', place, message: `${holder.name} runs it, ${since}, as far as is known here` };
  return { kind: 'problem', place, message: `who ran it ${since} is gone: the next run does it again` };
}

function secretFindings(state: ClusterState, secrets: SecretsDocument | undefined): RecordFinding[] {
  return NODE_IDS.map(nodeName).flatMap((node): RecordFinding[] => {
    const record = standingInstallation(state[node]?.os_installation);
    const generation = record?.generation;
    if (record === undefined || generation === undefined || record.adopted === true) return [];
    if (secrets?.nodes[node]?.generations[String(generation)] !== undefined) return [];
    const message =
      `the secrets of its installation ${generation} are not there: ` +
      'it goes on as it is, and its image cannot be made again with the same host keys';
    return [{ kind: 'problem', place: node, message }];
  });
}

function isInstalled(state: ClusterState, node: NodeName): boolean {
  return standingInstallation(state[node]?.os_installation) !== undefined;
}

function recordsIn(
  state: ClusterState,
): { readonly node: NodeName; readonly phase: PhaseName; readonly record: PhaseRecord }[] {
  return NODE_IDS.map(nodeName).flatMap((node) =>
    PHASES.flatMap((phase) => {
      const record = state[node]?.[phase];
      return record === undefined ? [] : [{ node, phase, record }];
    }),
  );
}
