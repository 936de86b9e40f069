import { RateLimiter } from '../hardware/rate-limiter.js';
import type { IncomingRequest } from '../http/incoming-request.js';
import type { FaultPanel } from './board-faults.js';
import type { VirtualBoard } from './virtual-board.js';

/** Slows uploads to the speed of the network and lets faults happen at their byte. */
export class UploadWatch {
  readonly #network: RateLimiter;

  constructor(
    networkBytesPerSecond: number | undefined,
    private readonly faults: FaultPanel,
    private readonly board: () => VirtualBoard,
    private readonly drop: (connection: string) => void,
  ) {
    this.#network = new RateLimiter(networkBytesPerSecond);
  }

  watch(request: IncomingRequest): void {
    let before = 0;
    request.onBytes(async (total) => {
      const crossed = (at: number | undefined): boolean => at !== undefined && before <= at && total > at;
      const { resetUploadAt, outOfMemoryAt, takeoverAt } = this.faults.current;
      await this.#network.pass(total - before);
      if (crossed(resetUploadAt)) this.drop(request.connection);
      if (crossed(outOfMemoryAt)) void this.board().crash();
      if (takeoverAt && crossed(takeoverAt.bytes)) await this.board().startForeignTransfer(takeoverAt.node);
      before = total;
    });
  }
}
