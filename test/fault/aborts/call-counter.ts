/** What becomes of a call that was chosen: the abort comes before it, or that many milliseconds after it began. */
export type AbortMoment = 'before' | { readonly afterMs: number };

/** One call among those of a run: the how-manieth of its name. */
export interface ChosenCall {
  readonly name: string;
  readonly occurrence: number;
}

/** Counts calls of services by name, and aborts at one of them. */
export class CallCounter {
  readonly #calls = new Map<string, number>();
  readonly #made: ChosenCall[] = [];
  readonly #controller = new AbortController();
  readonly #wrapped = new WeakMap<object, object>();

  constructor(
    private readonly reason: Error,
    private readonly chosen?: ChosenCall,
    private readonly moment: AbortMoment = 'before',
  ) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** All calls so far, in their order. */
  get made(): readonly ChosenCall[] {
    return this.#made;
  }

  /** The same service, with its calls counted, and those of the objects it hands out. */
  counted<T extends object>(name: string, service: T): T {
    const known = this.#wrapped.get(service);
    if (known !== undefined) return known as T;
    const wrapped = new Proxy(service, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target); // private fields know the target only
        if (typeof value !== 'function')
          return typeof key === 'string' ? this.#result(`${name}.${key}`, value) : value;
        return (...parameters: unknown[]): unknown => {
          const call = (): unknown => Reflect.apply(value, target, parameters);
          // Disposal is what happens afterwards: it is never aborted.
          return typeof key === 'symbol' ? call() : this.#call(`${name}.${key}`, call);
        };
      },
    });
    this.#wrapped.set(service, wrapped);
    return wrapped;
  }

  #call(name: string, call: () => unknown): unknown {
    const occurrence = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, occurrence);
    this.#made.push({ name, occurrence });
    const isChosen = this.chosen?.name === name && this.chosen.occurrence === occurrence;
    if (isChosen && this.moment === 'before') this.#abort();
    const result = call();
    if (isChosen && this.moment !== 'before') {
      const { afterMs } = this.moment;
      if (afterMs === 0) this.#abort();
      else setTimeout(() => this.#abort(), afterMs);
    }
    return result instanceof Promise
      ? result.then((value: unknown) => this.#result(name, value))
      : this.#result(name, result);
  }

  #result(name: string, value: unknown): unknown {
    return isService(value) ? this.counted(name.replace(/\.[^.]+$/, `.${kindOf(value)}`), value) : value;
  }

  #abort(): void {
    this.#controller.abort(this.reason);
  }
}

/** Objects of our classes with something to call; not data, promises, generators or streams. */
function isService(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return /Session|Files|FileSystem|Terminal|Api$/.test(kindOf(value));
}

function kindOf(value: object): string {
  return value.constructor.name;
}
