import { randomUUID } from 'node:crypto';
import type { KeptLog, SharedLog, SharedPapers, SharedText } from '@turingpi/core/plugin';
import { linesReplySchema, logsReplySchema } from '../wire/messages.js';
import { HttpText } from './http-text.js';
import type { StateRequests } from './state-requests.js';

/** Texts and logs of the server's store. */
export class HttpPapers implements SharedPapers {
  readonly reach = 'network';

  constructor(private readonly requests: StateRequests) {}

  text(name: string): SharedText {
    return new HttpText(this.requests, ['texts', name]);
  }

  log(name: string): SharedLog {
    const { requests } = this;
    const path = ['logs', name];
    return {
      location: `${requests.location} (${name})`,
      append: async (lines, at) => {
        const body = { id: randomUUID(), lines, ...(at === undefined ? {} : { at }) };
        await requests.ask({ method: 'POST', path, body });
      },
      read: async (from = 0) =>
        (await requests.get(linesReplySchema, path, { query: { from: String(from) } })).lines,
    };
  }

  async logs(prefix: string): Promise<readonly KeptLog[]> {
    return (await this.requests.get(logsReplySchema, ['logs'], { query: { prefix } })).logs;
  }

  async removeLog(name: string): Promise<void> {
    await this.requests.ask({ method: 'DELETE', path: ['logs', name] });
  }
}
