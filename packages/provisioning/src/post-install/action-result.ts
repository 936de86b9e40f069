/** The result of an action that tells whether anybody has looked at it: a failure that nobody sees must not be lost. */
export class ActionResult<T> extends Promise<T> {
  #isNoticed = false;

  /** What `then` makes is nothing to be watched. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The result of some work; it never is an unhandled rejection. */
  static of<T>(work: Promise<T>): ActionResult<T> {
    const result = new ActionResult<T>((resolve, reject) => {
      work.then(resolve, reject);
    });
    void Promise.prototype.then.call(result, undefined, () => undefined); // is no look at it
    return result;
  }

  /** Whether it is or was awaited. */
  get isNoticed(): boolean {
    return this.#isNoticed;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isNoticed = true;
    return super.then(onFulfilled, onRejected);
  }
}
