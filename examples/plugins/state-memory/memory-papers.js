/** Texts and logs by name, in memory. */
export class MemoryPapers {
  reach = 'computer';
  #state;
  #location;

  constructor(state, location) {
    this.#state = state;
    this.#location = location;
  }

  text(name) {
    const { texts } = this.#state;
    return {
      location: `${this.#location}, ${name}`,
      read: async () => texts.get(name),
      async update(change) {
        const next = change(texts.get(name));
        if (next !== undefined) texts.set(name, next);
        return texts.get(name);
      },
    };
  }

  log(name) {
    const { logs } = this.#state;
    return {
      location: `${this.#location}, ${name}`,
      async append(lines, at) {
        const known = logs.get(name)?.lines ?? [];
        const added = lines.slice(at === undefined ? 0 : Math.max(0, known.length - at));
        logs.set(name, { lines: [...known, ...added], touchedAt: performance.now() });
      },
      read: async (from = 0) => (logs.get(name)?.lines ?? []).slice(from),
    };
  }

  async logs(prefix) {
    return [...this.#state.logs]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { touchedAt }]) => ({ name, idleMs: performance.now() - touchedAt }));
  }

  async removeLog(name) {
    this.#state.logs.delete(name);
  }
}
