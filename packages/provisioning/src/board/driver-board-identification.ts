import {
  type BoardId,
  type BoardIdentification,
  CLUSTER_CONFIG,
  type ClusterConfig,
  EXTENSIONS,
  type Extensions,
  inject,
  injectable,
} from '@turingpi/core/plugin';
import type { BoardDriver } from './board-driver.js';
import { BOARDS } from './boards.js';

/** Asks the board who it is through the first driver of its nodes that can. */
@injectable()
export class DriverBoardIdentification implements BoardIdentification {
  readonly #driver: BoardDriver | undefined;

  constructor(@inject(CLUSTER_CONFIG) config: ClusterConfig, @inject(EXTENSIONS) extensions: Extensions) {
    this.#driver = [...config.nodes.values()]
      .map(({ board }) => extensions.get(BOARDS, board))
      .find((driver) => driver.identity !== undefined);
  }

  get canTell(): boolean {
    return this.#driver !== undefined;
  }

  async identify(signal: AbortSignal): Promise<BoardId> {
    return (await this.#driver?.identity?.({ signal })) ?? {};
  }
}
