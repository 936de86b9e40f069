import { CancellationScope } from '@temporalio/workflow';

/** Sends messages in their order, as many as have come together at a time. */
export class Outbox<T> {
  #messages: T[] = [];
  #sending: Promise<void> | undefined;

  /** @param send - sees to it that they arrive; it does not fail */
  constructor(private readonly send: (messages: readonly T[]) => Promise<unknown>) {}

  put(message: T): void {
    this.#messages.push(message);
    this.#sending ??= CancellationScope.nonCancellable(() => this.#sendAll());
  }

  /** Resolves when everything has been sent. */
  async empty(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve(); // what happens at the same time is one message
    while (this.#messages.length > 0) {
      const messages = this.#messages;
      this.#messages = [];
      await this.send(messages);
    }
    this.#sending = undefined;
  }
}
