import { addAbortListener } from 'node:events';
import type { NodeId } from '@turingpi/foundation';

/** Somebody wants something of which there is only so much. */
export interface ResourceRequest {
  /** What is wanted, with the name of its board where each board has its own. */
  readonly resource: string;
  readonly node: NodeId;
  /** Name of the node's board, where a configuration has several. */
  readonly board?: string;
  /** How long the node will take from here to its end, as far as is known, in milliseconds. */
  readonly remainingMs: number;
}

interface Waiting {
  readonly request: ResourceRequest;
  /** Place in the order of arrival. */
  readonly arrived: number;
  readonly grant: () => void;
}

/** Nobody is passed over by more than so many who came later. */
const MOST_OVERTAKINGS = 64;

/**
 * Gives out resources: of those who wait for one, whoever has the longest way to go comes first, since that decides when
 * everything is done; with equal ways, the node with the lower number.
 *
 * @remarks Who gets what depends on the requests alone. Those that come in one turn of the event loop are compared with each
 * other, also when the resource is free.
 */
export class Scheduler {
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #held = new Map<string, Set<ResourceRequest>>();
  readonly #overtaken = new Map<Waiting, number>();
  readonly #due = new Set<string>();
  #arrivals = 0;

  /** @param capacityOf - how many may have a resource at once, at least 1 */
  constructor(private readonly capacityOf: (resource: string) => number) {}

  /**
   * Waits for a resource.
   *
   * @returns Gives it back when called; a second call changes nothing.
   * @throws The signal's reason when it fires while waiting.
   */
  async acquire(request: ResourceRequest, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    await this.#turn(request, signal);
    return () => {
      if (this.#held.get(request.resource)?.delete(request) === true) this.#giveSoon(request.resource);
    };
  }

  /** Whether somebody else than a node has a resource, or waits for it. */
  isWanted(resource: string, besides: Pick<ResourceRequest, 'node' | 'board'>): boolean {
    const waiting = (this.#waiting.get(resource) ?? []).map(({ request }) => request);
    return [...waiting, ...(this.#held.get(resource) ?? [])].some(
      ({ node, board }) => node !== besides.node || board !== besides.board,
    );
  }

  #turn(request: ResourceRequest, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const { resource } = request;
      const listener = addAbortListener(signal, () => {
        this.#leave(resource, entry);
        reject(signal.reason as Error);
      });
      const entry: Waiting = {
        request,
        arrived: (this.#arrivals += 1),
        grant: () => {
          listener[Symbol.dispose]();
          this.#leave(resource, entry);
          this.#holdersOf(resource).add(request); // before anybody else can come in between
          resolve();
        },
      };
      this.#waiting.set(resource, [...(this.#waiting.get(resource) ?? []), entry]);
      this.#giveSoon(resource);
    });
  }

  #giveSoon(resource: string): void {
    if (this.#due.has(resource)) return;
    this.#due.add(resource);
    setImmediate(() => {
      this.#due.delete(resource);
      this.#give(resource);
    });
  }

  #give(resource: string): void {
    const capacity = this.capacityOf(resource);
    while (this.#holdersOf(resource).size < capacity) {
      const waiting = this.#waiting.get(resource) ?? [];
      const next = waiting.toSorted((one, other) => this.#compare(one, other))[0];
      if (next === undefined) return;
      for (const other of waiting)
        if (other.arrived < next.arrived) this.#overtaken.set(other, this.#timesOvertaken(other) + 1);
      next.grant();
    }
  }

  #compare(one: Waiting, other: Waiting): number {
    const waitedLong = (entry: Waiting) => (this.#timesOvertaken(entry) >= MOST_OVERTAKINGS ? 0 : 1);
    return (
      waitedLong(one) - waitedLong(other) ||
      other.request.remainingMs - one.request.remainingMs ||
      one.request.node - other.request.node ||
      (one.request.board ?? '').localeCompare(other.request.board ?? '', 'en') ||
      one.arrived - other.arrived
    );
  }

  #timesOvertaken(entry: Waiting): number {
    return this.#overtaken.get(entry) ?? 0;
  }

  #holdersOf(resource: string): Set<ResourceRequest> {
    let holders = this.#held.get(resource);
    if (holders === undefined) this.#held.set(resource, (holders = new Set()));
    return holders;
  }

  #leave(resource: string, entry: Waiting): void {
    this.#overtaken.delete(entry);
    const rest = (this.#waiting.get(resource) ?? []).filter((one) => one !== entry);
    if (rest.length > 0) this.#waiting.set(resource, rest);
    else this.#waiting.delete(resource);
  }
}
