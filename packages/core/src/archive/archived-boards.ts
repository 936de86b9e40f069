import type { NodeName, Secret } from '@turingpi/foundation';
import { StateError } from '../errors/state-error.js';
import { type ArchiveContent, type ArchivedBoards, formatArchive, parseArchive } from './archive-content.js';
import { ARCHIVE_VERSIONS, openArchive, sealArchive } from './seal-archive.js';

/** What an import found there and put there. */
export interface ImportedRecords {
  readonly nodes: readonly NodeName[];
  /** The sealed file with what was on record before; undefined when nothing was. */
  readonly setAside: string | undefined;
}

/** How an exported file is put on record. */
export interface ImportOptions {
  /** Where it came from, for messages. */
  readonly place: string;
  /** Also where there are records: they are sealed with the same passphrase beside the state file. */
  readonly replace?: boolean;
  readonly signal: AbortSignal;
  /** Told of each sealed file with what was on record before, as soon as it is there: it counts also where the rest fails. */
  readonly onSetAside?: (file: string) => void;
  /** The board that is meant alone, where a file has several. */
  readonly board?: string | undefined;
}

/** The records of a board, as far as exports and imports go. */
export interface BoardRecords {
  content(): Promise<ArchiveContent>;
  assertTakes(content: ArchiveContent, options: ImportOptions): Promise<void>;
  replaceBy(content: ArchiveContent, passphrase: Secret, options: ImportOptions): Promise<ImportedRecords>;
}

/** Seals what is known of boards into one file. */
export function sealBoards(boards: ArchivedBoards, passphrase: Secret, now: Date): Promise<string> {
  const version = boards.has(undefined) ? ARCHIVE_VERSIONS.ofOne : ARCHIVE_VERSIONS.ofSeveral;
  return sealArchive(formatArchive(boards), passphrase, now.toISOString(), version);
}

/**
 * Puts on record what a sealed file has. Whether every board takes what is there for it is found out before any of them is
 * changed.
 *
 * @param here - the boards of the configuration, by name
 * @returns What became of each board that the file has.
 * @throws As `ClusterArchive.import`.
 */
export async function importBoards(
  here: ReadonlyMap<string | undefined, BoardRecords>,
  { file, passphrase }: { readonly file: string; readonly passphrase: Secret },
  options: ImportOptions,
): Promise<ReadonlyMap<string | undefined, ImportedRecords>> {
  const { place, board } = options;
  const archived = parseArchive(await openArchive(file, passphrase, place), place);
  const meant = [...meantOf(archived, [...here.keys()], { place, board })].map(([name, content]) => {
    const records = here.get(name);
    if (records === undefined) throw otherBoards(place, [...archived.keys()], [...here.keys()]);
    return { name, content, records };
  });
  for (const { records, content } of meant) await records.assertTakes(content, options);
  const imported = new Map<string | undefined, ImportedRecords>();
  for (const { name, records, content } of meant)
    imported.set(name, await records.replaceBy(content, passphrase, options));
  return imported;
}

/** What of a file is meant, by the boards of the configuration. */
function meantOf(
  archived: ArchivedBoards,
  here: readonly (string | undefined)[],
  { place, board }: Pick<ImportOptions, 'place' | 'board'>,
): ArchivedBoards {
  const [[name, only] = [undefined, undefined], ...others] = archived;
  // Where one of the two has no name, there is nothing to confuse it with.
  if (only !== undefined && others.length === 0 && here.length === 1)
    if (name === undefined || here[0] === undefined) return new Map([[here[0], only]]);
  if (board === undefined) return archived;
  const content = archived.get(board);
  if (content === undefined) throw otherBoards(place, [...archived.keys()], [board]);
  return new Map([[board, content]]);
}

function otherBoards(
  place: string,
  there: readonly (string | undefined)[],
  here: readonly (string | undefined)[],
): StateError {
  const boards = (names: readonly (string | undefined)[]) => {
    const named = names.filter((name) => name !== undefined);
    if (named.length === 0) return 'one board, which has no name';
    return `the ${named.length === 1 ? 'board' : 'boards'} ${named.join(', ')}`;
  };
  return new StateError(
    'STATE_ARCHIVE_BOARDS',
    `${place} has the records of ${boards(there)}; they were to be put on record for ${boards(here)}`,
    {
      hint: here.includes(undefined)
        ? 'Nothing was changed. `turingpi state export --board NAME` writes the records of one board alone.'
        : 'Nothing was changed. `--board NAME` says for which board, or takes only that one of a file of several.',
    },
  );
}
