import { randomBytes } from 'node:crypto';
import {
  type EraseLedger,
  NODE_IDS,
  type NodeId,
  type NodeName,
  nodeName,
  type Secret,
} from '@turingpi/foundation';
import { boardIdOf, isSameBoard } from '../board/board-id.js';
import { IdentityError } from '../errors/identity-error.js';
import { StateError } from '../errors/state-error.js';
import { PHASES, type PhaseName } from '../phase/phase.js';
import { writeDurably } from '../state/durable-write.js';
import type { JournalEntry } from '../state/journal-entry.js';
import { type LeaseHolder, phaseResource } from '../state/lease.js';
import { leaseHeld } from '../state/lease-errors.js';
import type { NodeSecretsStore } from '../state/node-secrets.js';
import type { ClusterState, NodeState } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import type { ArchiveContent } from './archive-content.js';
import type { BoardRecords, ImportedRecords, ImportOptions } from './archived-boards.js';
import { replaceInstallation, tellsOfInstallation, unknownInstallation } from './replace-installation.js';
import { restoreRecords } from './restore-records.js';
import { type RecordFinding, verifyRecords } from './verify-records.js';

/** Where the records of a cluster are. */
export interface ClusterArchiveParts {
  readonly state: StateStore;
  /** Where the state file of the configuration is, or would be. */
  readonly stateFile: string;
  readonly secrets: NodeSecretsStore;
  readonly ledger: EraseLedger;
  /** Tells this project from others of the same user. */
  readonly project: string;
  /** Where relative paths of recorded images start. */
  readonly cacheDir: string;
  readonly now: () => Date;
}

/** What is on record of a cluster, for whoever looks at it, checks it, moves it, or removes some of it. */
export class ClusterArchive implements BoardRecords {
  constructor(private readonly parts: ClusterArchiveParts) {}

  /** Where they are, for messages. */
  get location(): string {
    return this.parts.state.location;
  }

  /** Everything on record. It holds no secret. @throws StateError */
  load(): Promise<ClusterState> {
    return this.parts.state.load();
  }

  /** What was done in a phase of a node, in order, as far as it was done for what is on record. */
  journal(node: NodeId, phase: PhaseName): Promise<readonly JournalEntry[]> {
    return this.parts.state.journal(nodeName(node), phase);
  }

  /** Who runs a phase of a node, as far as is known at once; undefined when nobody does, or its process is gone. */
  holder(node: NodeId, phase: PhaseName): Promise<LeaseHolder | undefined> {
    return this.parts.state.holder(nodeName(node), phase);
  }

  /** Looks whether everything on record is whole and fits together. Nothing is changed. */
  verify(options: { readonly signal: AbortSignal }): Promise<readonly RecordFinding[]> {
    return verifyRecords(this.parts, options.signal);
  }

  /**
   * Removes the records of a node, or of one of its phases. A node without a record of its installation is unknown from then
   * on, and not new: nothing but a name erases it.
   *
   * @throws StateError `STATE_LEASE_HELD` when one of them is being run.
   */
  async forget(node: NodeId, phase?: PhaseName): Promise<void> {
    const { state, now } = this.parts;
    const name = nodeName(node);
    const phases = phase === undefined ? PHASES : [phase];
    await this.#assertNotRun([name], phases);
    // First, and in one write: a process that is killed on the way leaves no node that is taken for a new one.
    if (phases.includes('os_installation'))
      await replaceInstallation(state, name, () =>
        unknownInstallation(now().toISOString(), 'what was on record of it was removed by hand'),
      );
    for (const each of phases) if (each !== 'os_installation') await state.forget(name, each);
  }

  /**
   * Everything on record, with the secrets of the nodes and the ledger of erasures, encrypted.
   *
   * @throws StateError `STATE_LEASE_HELD` when a phase is being run.
   */
  async export(passphrase: Secret): Promise<string> {
    const { sealBoards } = await import('./archived-boards.js'); // few commands need it
    return sealBoards(new Map([[undefined, await this.content()]]), passphrase, this.parts.now());
  }

  /**
   * Puts on record what was exported. What is there already is left alone unless `replace` is given, and is sealed with the
   * same passphrase beside the state file then.
   *
   * @param file - the text of the exported file
   * @throws StateError `STATE_ARCHIVE_DAMAGED`, `STATE_ARCHIVE_PASSPHRASE`, `STATE_ARCHIVE_BOARDS`,
   * `STATE_UNSUPPORTED_VERSION`, `STATE_NOT_EMPTY`, `STATE_LEASE_HELD`; IdentityError `STATE_OTHER_BOARD` when the records
   * here are about another board.
   */
  async import(file: string, passphrase: Secret, options: ImportOptions): Promise<ImportedRecords> {
    const { importBoards } = await import('./archived-boards.js');
    const imported = await importBoards(new Map([[undefined, this]]), { file, passphrase }, options);
    const [records] = imported.values();
    if (records === undefined) throw new TypeError('an archive has at least one board');
    return records;
  }

  /** What an export has of it. @throws StateError `STATE_LEASE_HELD` when a phase is being run. */
  async content(): Promise<ArchiveContent> {
    await this.#assertNotRun(NODE_IDS.map(nodeName), PHASES);
    return this.#read();
  }

  /** Sees to it that an import may put a content on record. @throws As {@link import}. */
  async assertTakes(
    content: ArchiveContent,
    { place, replace = false }: Pick<ImportOptions, 'place' | 'replace'>,
  ): Promise<void> {
    const known = await this.parts.state.load();
    assertSameBoard(known, content.state, place, this.parts.state.location);
    await this.#assertNotRun(NODE_IDS.map(nodeName), PHASES);
    if (replace || (await this.#isEmpty(known))) return;
    throw new StateError('STATE_NOT_EMPTY', `there are records in ${this.parts.state.location} already`, {
      hint: 'Nothing was changed. `turingpi state import --replace` sets them aside, sealed with the same passphrase.',
    });
  }

  /** Puts a content on record, which it takes; what is there is set aside before. @throws StateError */
  async replaceBy(
    content: ArchiveContent,
    passphrase: Secret,
    { signal, onSetAside }: Pick<ImportOptions, 'signal' | 'onSetAside'>,
  ): Promise<ImportedRecords> {
    const { state, project, now } = this.parts;
    const isEmpty = await this.#isEmpty(await state.load());
    const setAside = isEmpty ? undefined : await this.#setAside(passphrase);
    if (setAside !== undefined) onSetAside?.(setAside);
    // First the board: records that were left without it would be taken for those of whichever board answers.
    if (content.state.board !== undefined)
      await state.bind({ ...content.state.board, project, since: now().toISOString() });
    await restoreRecords(this.parts, content, signal);
    return { nodes: nodesIn(content.state), setAside };
  }

  async #isEmpty(known: ClusterState): Promise<boolean> {
    return (await this.parts.secrets.document()) === undefined && nodesIn(known).length === 0;
  }

  async #setAside(passphrase: Secret): Promise<string> {
    const stamp = this.parts.now().toISOString().replaceAll(/[:.]/g, '-');
    const name = `${this.parts.stateFile.replace(/\.json$/, '')}.replaced-${stamp}`;
    const file = `${name}-${randomBytes(2).toString('hex')}.sealed`;
    const sealed = await this.export(passphrase);
    try {
      await writeDurably(file, sealed); // before anything is replaced
    } catch (cause) {
      throw new StateError('STATE_WRITE_FAILED', `what is on record cannot be set aside in ${file}`, {
        cause,
        hint: 'Nothing was changed. Check free space and permissions of its directory.',
      });
    }
    return file;
  }

  async #read(): Promise<ArchiveContent> {
    const { state, secrets, ledger } = this.parts;
    const known = await state.load();
    const places = NODE_IDS.map(nodeName).flatMap((node) => PHASES.map((phase) => ({ node, phase })));
    const journals = await Promise.all(
      places.map(async (place) => ({ ...place, entries: await state.journal(place.node, place.phase) })),
    );
    const { entries: erasures, isWhole } = await ledger.read();
    const nodes = (isWhole ? nodesIn(known) : NODE_IDS.map(nodeName)).map(
      (node) => [node, isWhole ? known[node] : this.#unlessNew(known[node])] as const,
    );
    return {
      state: { board: known.board, ...Object.fromEntries(nodes) },
      journals: journals.filter(({ entries }) => entries.length > 0),
      secrets: await secrets.document(),
      ledger: erasures,
    };
  }

  /** Records of a node that may be in a line of the ledger that cannot be read: such a line does not go along. */
  #unlessNew(node: NodeState = {}): NodeState {
    if (tellsOfInstallation(node.os_installation)) return node;
    const at = this.parts.now().toISOString();
    const why = 'the ledger of erasures had lines that cannot be read when the state was exported';
    return { ...node, os_installation: unknownInstallation(at, why) };
  }

  async #assertNotRun(nodes: readonly NodeName[], phases: readonly PhaseName[]): Promise<void> {
    for (const node of nodes)
      for (const phase of phases) {
        const holder = await this.parts.state.holder(node, phase);
        if (holder !== undefined) throw leaseHeld(phaseResource(node, phase), holder);
      }
  }
}

function nodesIn(state: ClusterState): NodeName[] {
  return NODE_IDS.map(nodeName).filter((node) => state[node] !== undefined);
}

function assertSameBoard(here: ClusterState, there: ClusterState, place: string, location: string): void {
  if (here.board === undefined || there.board === undefined) return;
  if (isSameBoard(here.board, there.board) !== false) return;
  const [recorded, found] = [boardIdOf(here.board), boardIdOf(there.board)];
  throw new IdentityError(
    'STATE_OTHER_BOARD',
    `the records in ${location} are about the board ${String(recorded)}, those in ${place} about ${String(found)}`,
    {
      hint: 'Nothing was changed. Give the configuration of the other board a `stateFileName` of its own.',
      details: { recorded, found },
    },
  );
}
