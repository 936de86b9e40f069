import { randomUUID } from 'node:crypto';
import type { SharedText } from '@turingpi/core/plugin';
import { textReplySchema } from '../wire/messages.js';
import type { StateRequests } from './state-requests.js';

/** A text on the server, which one at a time changes: a change of somebody else is seen, and made of what is there then. */
export class HttpText implements SharedText {
  /** @param path - where it is behind the cluster */
  constructor(
    private readonly requests: StateRequests,
    private readonly path: readonly string[],
  ) {}

  get location(): string {
    return `${this.requests.location} (${this.path.join(' ')})`;
  }

  async read(): Promise<string | undefined> {
    return (await this.requests.get(textReplySchema, this.path)).text;
  }

  async update(change: (current: string | undefined) => string | undefined): Promise<string | undefined> {
    for (;;) {
      const before = await this.read();
      const text = change(before);
      if (text === undefined) return before;
      const body = { id: randomUUID(), ...(before === undefined ? {} : { before }), text };
      const answer = await this.requests.ask({ method: 'PUT', path: this.path, body });
      if (answer !== 'changed meanwhile') return text;
    }
  }
}
