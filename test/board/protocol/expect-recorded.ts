import { expect } from 'vitest';
import type { Exchange } from './recording.js';
import type { SentReply } from './sender.js';

const TOKEN = '[A-Za-z0-9]{64}';
const DURATION = /(?:\d+m )?\d+s \d+ms \d+us \d+ns/g;
// Named in transcripts/README.md as left out; `connection` is not part of HTTP/2 and belongs to each connection.
const NOT_RECORDED = new Set(['date', 'content-length', 'connection']);

/** Compares a reply with the recorded one: status, the same set of headers, body; `<token>` and durations by pattern. */
export function expectRecorded(exchange: Exchange, reply: SentReply, httpsPort: number): void {
  if (exchange.reply.error !== undefined) {
    expect(reply).toBe('closed');
    return;
  }
  if (reply === 'closed') throw new Error(`${exchange.case}: connection closed without a response`);
  expect(reply.status).toBe(exchange.reply.status);
  const recorded = { ...exchange.reply.headers };
  if (reply.version === 2) delete recorded['transfer-encoding']; // HTTP/2 has none
  const names = Object.keys(reply.headers).filter((name) => !NOT_RECORDED.has(name));
  expect(names.sort()).toEqual(Object.keys(recorded).sort());
  for (const [name, value] of Object.entries(recorded))
    expect(reply.headers[name]).toMatch(pattern(value, httpsPort));
  if (exchange.reply.body === '<gzip stream>')
    expect(reply.body.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  else expect(reply.body.toString('utf8')).toMatch(pattern(exchange.reply.body ?? '', httpsPort));
}

function pattern(recorded: string, httpsPort: number): RegExp {
  const source = recorded
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('<token>', TOKEN)
    .replace(DURATION, '(?=\\d)(?:\\d+m ?)?(?:\\d+s ?)?(?:\\d+ms ?)?(?:\\d+us ?)?(?:\\d+ns)?') // units that are zero are left out
    .replace(/backup-\d\d-\d\d-\d{4}/, 'backup-\\d\\d-\\d\\d-\\d{4}')
    .replace(/:443(?=\/)/, `:${httpsPort}`);
  return new RegExp(`^${source}$`);
}
