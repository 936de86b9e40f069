/** One request the board saw. Headers and bodies are left out: they hold credentials. */
export interface AccessRecord {
  readonly at: Date;
  readonly peer: string;
  readonly method: string;
  readonly target: string;
  /** Undefined when the connection ended without an answer. */
  readonly status: number | undefined;
}

const MOST_RECORDS = 10_000;

/** The last requests, oldest first. */
export class AccessLog {
  readonly #records: AccessRecord[] = [];

  get records(): readonly AccessRecord[] {
    return this.#records;
  }

  add(record: AccessRecord): void {
    this.#records.push(record);
    if (this.#records.length > MOST_RECORDS) this.#records.shift();
  }
}
