import type { BoardInput } from '../config/split-boards.js';
import type { Redactor } from '../logging/redactor.js';
import type { Scheduler } from '../schedule/scheduler.js';

/** What a cluster that is one board of several has from the set: `createBoardSet` makes it. */
export interface BoardOfSet extends Pick<BoardInput, 'name' | 'pathInWhole'> {
  /** Secrets of one board are blotted out of what is told of another. */
  readonly redactor: Redactor;
  /** The work on images is this computer's, whichever board it is for. */
  readonly scheduler: Scheduler;
}
