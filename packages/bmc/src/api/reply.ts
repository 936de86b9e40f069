import { z } from 'zod';
import { BmcError, type BmcErrorCode } from '../errors/bmc-error.js';
import { meaningOfText } from '../errors/reply-text.js';
import type { HttpReply } from '../http/http-transport.js';

const envelopeSchema = z.object({
  response: z.array(z.looseObject({ result: z.unknown(), uart: z.unknown() }).partial()).min(1),
});

/** A refusal of the fork (RFC 9457); the title tells what it is, the detail is for people. */
const problemSchema = z.object({ title: z.string(), detail: z.string().optional() });
const FACTORY_PASSWORD = 'This board is still using its factory password';

/** What the envelope of a reply holds: `result`, or `uart` for the console. */
export function envelopeOf(
  reply: HttpReply,
  what: string,
): { readonly result?: unknown; readonly uart?: unknown } {
  if (reply.status !== 200) throw replyError(reply, what);
  const parsed = envelopeSchema.safeParse(jsonOf(reply, what));
  const first = parsed.data?.response[0];
  if (!first) throw protocolError(reply, what);
  return first;
}

/** The result of a reply, checked. Unknown fields pass: they differ from version to version. */
export function resultOf<T>(reply: HttpReply, schema: z.ZodType<T>, what: string): T {
  return checked(envelopeOf(reply, what).result, schema, reply, what);
}

/** A bare JSON reply, which the BMC serves as text/plain (docs/reference/bmc-protocol.md, "Bodies and errors"). */
export function bareJsonOf<T>(reply: HttpReply, schema: z.ZodType<T>, what: string): T {
  if (reply.status !== 200) throw replyError(reply, what);
  return checked(jsonOf(reply, what), schema, reply, what);
}

/** A reply that has no content, for example that of an upload. */
export function expectEmpty(reply: HttpReply, what: string): void {
  if (reply.status !== 200 && reply.status !== 204) throw replyError(reply, what);
  if (reply.body.trim() !== '') throw protocolError(reply, what);
}

/**
 * The error that a reply reports.
 *
 * @remarks Error bodies are an envelope on some routes and bare text, always with status 500, on others
 * (docs/reference/bmc-protocol.md, "Bodies and errors"): so text first, JSON second.
 */
export function replyError(reply: HttpReply, what: string): BmcError {
  const problem = problemOf(reply);
  // By the title: other refusals have the same status.
  if (problem?.title === FACTORY_PASSWORD) {
    return new BmcError('BMC_FACTORY_PASSWORD', `${what}: the board still has the password of the factory`, {
      details: { status: reply.status },
    });
  }
  const text = problem ? (problem.detail ?? problem.title) : errorText(reply);
  const meaning = meaningOfText(text);
  const shown = printable(text);
  return new BmcError(
    meaning?.code ?? codeOfStatus(reply.status),
    `${what}: the BMC says ${shown === '' ? `status ${reply.status}` : `"${shown}"`}`,
    { ...(meaning && { hint: meaning.advice }), details: { status: reply.status, text: shown } },
  );
}

/** Text of the BMC, fit for a message: one line, no control characters, at most 300 characters. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function checked<T>(value: unknown, schema: z.ZodType<T>, reply: HttpReply, what: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw protocolError(reply, what, parsed.error);
  return parsed.data;
}

function jsonOf(reply: HttpReply, what: string): unknown {
  if (isHtml(reply)) {
    throw new BmcError(
      'BMC_NOT_SUPPORTED',
      `${what}: this firmware does not have it (it answered with its web page)`,
    );
  }
  try {
    return JSON.parse(reply.body);
  } catch (cause) {
    throw protocolError(reply, what, cause);
  }
}

function isHtml(reply: HttpReply): boolean {
  return (reply.headers['content-type'] ?? '').startsWith('text/html') || /^\s*</.test(reply.body);
}

function problemOf(reply: HttpReply): z.output<typeof problemSchema> | undefined {
  if (!(reply.headers['content-type'] ?? '').startsWith('application/problem+json')) return undefined;
  try {
    return problemSchema.parse(JSON.parse(reply.body));
  } catch {
    return undefined;
  }
}

function errorText(reply: HttpReply): string {
  if (isHtml(reply)) return '';
  try {
    const result = envelopeSchema.parse(JSON.parse(reply.body)).response[0]?.result;
    return typeof result === 'string' ? result : '';
  } catch {
    return reply.body;
  }
}

function codeOfStatus(status: number): BmcErrorCode {
  if (status === 400 || status === 403 || status === 409 || status === 411) return 'BMC_REQUEST_REFUSED';
  if (status === 404 || status === 405 || status === 501) return 'BMC_NOT_SUPPORTED';
  return status >= 500 ? 'BMC_INTERNAL_ERROR' : 'BMC_PROTOCOL';
}

function protocolError(reply: HttpReply, what: string, cause?: unknown): BmcError {
  return new BmcError(
    'BMC_PROTOCOL',
    `${what}: the BMC answered something unexpected: "${printable(reply.body)}"`,
    {
      cause,
      details: { status: reply.status },
    },
  );
}
