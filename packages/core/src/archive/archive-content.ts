import { NODE_IDS, nodeName, type LedgerEntry, type NodeName } from '@turingpi/foundation';
import { z } from 'zod';
import { PHASES, type PhaseName } from '../phase/phase.js';
import { type JournalEntry, journalEntrySchema } from '../state/journal-entry.js';
import { parseNodeSecrets, type SecretsDocument } from '../state/parse-node-secrets.js';
import { DamagedState, parseState } from '../state/parse-state.js';
import { type ClusterState, STATE_VERSION, type StateDocument } from '../state/state-document.js';
import { archiveDamaged } from './seal-archive.js';

/** Everything that is known of the nodes of a board, wherever it was kept. */
export interface ArchiveContent {
  readonly state: ClusterState;
  readonly journals: readonly ArchivedJournal[];
  /** Undefined where no secrets were made yet. */
  readonly secrets: SecretsDocument | undefined;
  readonly ledger: readonly LedgerEntry[];
}

/** What was done in one phase of a node, in order. */
export interface ArchivedJournal {
  readonly node: NodeName;
  readonly phase: PhaseName;
  readonly entries: readonly JournalEntry[];
}

const contentSchema = z.object({
  state: z.looseObject({}),
  journals: z.array(
    z.object({
      node: z.enum(NODE_IDS.map(nodeName)),
      phase: z.enum(PHASES),
      entries: z.array(journalEntrySchema),
    }),
  ),
  secrets: z.looseObject({}).optional(),
  ledger: z.array(
    z.looseObject({
      at: z.string(),
      board: z.string().optional(),
      node: z.literal(NODE_IDS),
      disk: z.string(),
    }),
  ),
});

const severalSchema = z.object({ boards: z.array(contentSchema.extend({ name: z.string() })).min(1) });

/** What is known of one board, which has no name, or of several by their names. */
export type ArchivedBoards = ReadonlyMap<string | undefined, ArchiveContent>;

/** The text that is sealed. */
export function formatArchive(boards: ArchivedBoards): string {
  const contents = [...boards].map(([name, { state, journals, secrets, ledger }]) => ({
    ...(name === undefined ? {} : { name }),
    ...{ state: { ...state, version: STATE_VERSION }, journals, secrets, ledger },
  }));
  return JSON.stringify(boards.has(undefined) ? contents[0] : { boards: contents });
}

/**
 * Reads the text that was sealed. What an earlier version wrote is brought into today's form.
 *
 * @param place - the file, for messages
 * @throws StateError `STATE_ARCHIVE_DAMAGED`; `STATE_UNSUPPORTED_VERSION` where a newer program made it.
 */
export function parseArchive(text: string, place: string): ArchivedBoards {
  const value: unknown = JSON.parse(text);
  const one = contentSchema.safeParse(value);
  if (one.success) return new Map([[undefined, contentOf(one.data, place)]]);
  const several = severalSchema.safeParse(value);
  if (!several.success) throw archiveDamaged(place);
  const { boards } = several.data;
  const contents = new Map(
    boards.map((board) => [board.name, contentOf(board, `${place}, board ${board.name},`)]),
  );
  if (contents.size < boards.length) throw archiveDamaged(place);
  return contents;
}

function contentOf(
  { state, journals, secrets, ledger }: z.infer<typeof contentSchema>,
  place: string,
): ArchiveContent {
  return {
    state: stateIn(state, place),
    journals,
    secrets: secrets && parseNodeSecrets(JSON.stringify(secrets), place),
    ledger: ledger as unknown as readonly LedgerEntry[],
  };
}

function stateIn(value: unknown, place: string): StateDocument {
  try {
    return parseState(JSON.stringify(value), place);
  } catch (error) {
    throw error instanceof DamagedState ? archiveDamaged(place) : error;
  }
}
