/** As much of a worker of Temporal as is needed to run it. */
interface Worker {
  run(): Promise<void>;
  getState(): string;
  shutdown(): void;
}

/** Workers that run; disposed, they take nothing new, and what they do comes to its end. */
export class RunningWorkers implements AsyncDisposable {
  /** Resolves when they have ended; rejects when one could not go on. */
  readonly ended: Promise<void>;

  private constructor(
    private readonly workers: readonly Worker[],
    connections: readonly { close(): Promise<void> }[],
  ) {
    const runs = workers.map((worker) => worker.run());
    this.ended = Promise.all(runs)
      .catch(async (error: unknown) => {
        this.#shutDown();
        await Promise.allSettled(runs);
        throw error;
      })
      .finally(() => Promise.all(connections.map((connection) => connection.close())))
      .then(() => undefined);
    this.ended.catch(() => undefined); // told to who waits
  }

  static run(workers: readonly Worker[], connections: readonly { close(): Promise<void> }[]): RunningWorkers {
    return new RunningWorkers(workers, connections);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shutDown();
    await this.ended;
  }

  #shutDown(): void {
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  }
}
