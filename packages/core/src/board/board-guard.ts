import { type Logger, TuringPiError } from '@turingpi/foundation';
import { IdentityError } from '../errors/identity-error.js';
import type { BoardRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { type BoardId, boardIdOf, isSameBoard } from './board-id.js';

/** What a guard works with. */
export interface BoardGuardParts {
  readonly state: StateStore;
  /** Asks the board who it is; undefined when no board plugin can. Rejects when the board does not answer. */
  readonly ask: ((signal: AbortSignal) => Promise<BoardId>) | undefined;
  /** What tells this project from others of the same user: its configuration file, else its folder. */
  readonly project: string;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Sees to it that the records are about the board that answers. Asks it once per run. */
export class BoardGuard {
  #asked: Promise<string | undefined> | undefined;

  constructor(private readonly parts: BoardGuardParts) {}

  /** Asks anew at the next check: another run begins. */
  reset(): void {
    this.#asked = undefined;
  }

  /**
   * The identity of the board that answers now; undefined when it cannot be asked, which proves nothing either way.
   *
   * @throws IdentityError `STATE_OTHER_BOARD` when the records are another project's about another board,
   * `BOARD_CHANGED` when this project's board was changed.
   */
  check(signal: AbortSignal): Promise<string | undefined> {
    this.#asked ??= this.#remembered(signal);
    return this.#asked;
  }

  /** Takes the board that answers for the one that the records are about. */
  async rebind(signal: AbortSignal): Promise<void> {
    const found = await this.parts.ask?.(signal);
    if (found !== undefined) await this.#bind(found);
    this.reset();
  }

  /** An answer counts for the run; that there was none may pass. */
  async #remembered(signal: AbortSignal): Promise<string | undefined> {
    try {
      return await this.#check(signal);
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  async #check(signal: AbortSignal): Promise<string | undefined> {
    const { ask, state, logger, project } = this.parts;
    if (ask === undefined) return undefined;
    let found: BoardId;
    try {
      found = await ask(signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error }, 'the board could not be asked who it is');
      return undefined;
    }
    const recorded = (await state.load()).board ?? (await this.#firstBound(found));
    if (recorded !== undefined && isSameBoard(recorded, found) === false)
      throw otherBoard(recorded, found, project, state.location);
    return boardIdOf(found);
  }

  /** The board that is on record afterwards; undefined where nothing can be written, as on a disk that may only be read. */
  async #firstBound(found: BoardId): Promise<BoardRecord | undefined> {
    try {
      await this.#bind(found, true);
    } catch (error) {
      if (!TuringPiError.is(error) || error.code !== 'STATE_WRITE_FAILED') throw error;
      this.parts.logger.warn({ err: error }, 'which board the records are about could not be noted');
    }
    return (await this.parts.state.load()).board;
  }

  #bind(found: BoardId, unlessBound = false): Promise<void> {
    const { state, project, now } = this.parts;
    return state.bind({ ...found, project, since: now().toISOString() }, unlessBound);
  }
}

function otherBoard(
  recorded: BoardId & { readonly project?: string | undefined },
  found: BoardId,
  project: string,
  location: string,
): IdentityError {
  const details = { recorded: boardIdOf(recorded), found: boardIdOf(found) };
  if (recorded.project !== undefined && recorded.project !== project)
    return new IdentityError(
      'STATE_OTHER_BOARD',
      `the state file ${location} is about the board ${String(details.recorded)} of ${recorded.project}; here answers ${String(details.found)}`,
      { hint: 'Give this configuration a `stateFileName` of its own.', details },
    );
  return new IdentityError(
    'BOARD_CHANGED',
    `the board is another one: the records are about ${String(details.recorded)}, here answers ${String(details.found)}`,
    {
      hint:
        'If it was replaced: `turingpi adopt` makes records of what runs on its nodes, `turingpi reinstall` with the ' +
        'numbers of nodes installs them anew. If not: correct the address in the configuration.',
      details,
    },
  );
}
