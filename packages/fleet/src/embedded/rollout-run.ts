import { setMaxListeners } from 'node:events';
import type { RolloutBoard } from '../orchestrator/rollout.js';
import { beginnable, outcomeOf, stateOfBoard } from '../rollout/rollout-decisions.js';
import { isOpen, opensAt } from '../rollout/rollout-windows.js';
import type { Bell } from './bell.js';
import { NodeRun, type NodeRunServices } from './node-run.js';

/** The longest that a timer of Node.js takes, and often enough to notice that a clock was put forward. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

/** What a rollout is run with. */
export interface RolloutRunServices extends NodeRunServices {
  readonly bell: Bell;
  readonly now: () => Date;
  /** Whether another rollout has a board. */
  readonly isTaken: (board: string) => boolean;
}

/** One rollout, from its first board to its end. */
export class RolloutRun {
  readonly #cancel = new AbortController();
  /** Resolves when nothing of it runs any more. */
  over: Promise<void> = Promise.resolve();

  constructor(private readonly services: RolloutRunServices) {
    setMaxListeners(0, this.#cancel.signal); // every node of every board listens
  }

  get history() {
    return this.services.history;
  }

  begin(): void {
    this.history.tell({ type: 'rollout:started' });
    this.over = this.#run();
  }

  /** Begins nothing more, and tells what runs to stop. */
  cancel(): void {
    this.#cancel.abort(new DOMException('the rollout was cancelled', 'AbortError'));
    this.services.bell.ring();
  }

  async #run(): Promise<void> {
    const { history, bell, now } = this.services;
    const { signal } = this.#cancel;
    const { rollout } = history;
    const { windows } = rollout.policy;
    for (;;) {
      const outcome = outcomeOf(rollout, history.boards, signal.aborted);
      if (outcome !== undefined) {
        history.tell({ type: 'rollout:ended', outcome });
        return;
      }
      const at = now();
      const next = signal.aborted ? [] : beginnable(rollout, history.boards, this.#surroundings(at));
      for (const board of next) {
        history.tell({ type: 'board:started', board: board.board, site: board.site });
        void this.#board(board);
      }
      const opens = isOpen(windows, at) ? undefined : opensAt(windows, at);
      const withinMs = Math.min((opens?.getTime() ?? Infinity) - at.getTime(), LONGEST_WAIT_MS);
      await bell.rung(opens === undefined ? {} : { withinMs });
    }
  }

  #surroundings(at: Date): Parameters<typeof beginnable>[2] {
    const { history, places, isTaken } = this.services;
    return {
      isOpen: isOpen(history.rollout.policy.windows, at),
      isHeld: ({ board, site }: RolloutBoard) => places.isDraining(site) || isTaken(board),
    };
  }

  async #board(board: RolloutBoard): Promise<void> {
    const { services } = this;
    const { signal } = this.#cancel;
    const site = services.history.rollout.sites.find(({ id }) => id === board.site);
    if (site === undefined) throw new Error(`no site ${board.site}: checkRollout has let it pass`);
    const runs = board.nodes.map((node) => new NodeRun(services, site, board, node, signal).run());
    const states = (await Promise.all(runs)).map((state) => ({ state }));
    const state = stateOfBoard(states, signal.aborted);
    services.history.tell({ type: 'board:ended', board: board.board, site: board.site, state });
  }
}
