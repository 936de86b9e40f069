import type { IncomingHttpHeaders } from 'node:http';

const BAN = /Exceeded allowed authentication attempts\. Access blocked for ([0-9a-z ]+)/;
const UNIT_MS: Readonly<Record<string, number>> = {
  day: 86_400_000,
  days: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
};

/**
 * How long a reply says that we are banned, in milliseconds; undefined when it is not about a ban.
 *
 * @remarks Texts as in docs/reference/bmc-protocol.md, "Login and tokens"; some third-party firmware answers 429 with
 * `Retry-After`.
 */
export function banDurationMs(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): number | undefined {
  const text = BAN.exec(body)?.[1];
  if (text !== undefined) return durationMs(text);
  if (status !== 429) return undefined;
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 60_000;
}

/** Reads a duration such as `1m 59s 998ms 12us 5ns`, rounded up to whole milliseconds. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)\s*([a-z]+)/g)) {
    total += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return Math.ceil(total);
}
