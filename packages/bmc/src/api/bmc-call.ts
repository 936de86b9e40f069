import { z } from 'zod';
import type { NodeId } from '@turingpi/foundation';
import type { BmcCall } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';

/** A parameter of the BMC's API; `true` sends the bare key, whose presence is what counts. */
export type Parameters = Readonly<Record<string, string | number | true | undefined>>;

/** Node numbers exist zero-based only on the wire, and only here. */
export function wireNode(node: NodeId): number {
  return node - 1;
}

/** The reply of everything that only says that it was done. */
export const okSchema = z.literal('ok');

/** A read: `GET /api/bmc?opt=get&type=…`. */
export function getCall(type: string, parameters: Parameters, options: CallOptions): BmcCall {
  return {
    ...options,
    name: `get ${type}`,
    method: 'GET',
    path: apiPath('get', type, parameters),
    idempotent: true,
  };
}

/** A change: `GET /api/bmc?opt=set&type=…`. */
export function setCall(
  type: string,
  parameters: Parameters,
  options: CallOptions & { readonly idempotent: boolean },
): BmcCall {
  return { ...options, name: `set ${type}`, method: 'GET', path: apiPath('set', type, parameters) };
}

/**
 * Path and query of a call.
 *
 * @remarks Everything but letters, digits and `-._~` is percent-encoded: the daemon picks some routes by searching the
 * raw query for `type=flash` and the like (docs/reference/bmc-protocol.md, "Choosing a route"), so an `=` in a value
 * must never be plain.
 */
export function apiPath(opt: 'get' | 'set', type: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return value === true ? [`&${key}`] : [`&${key}=${encode(String(value))}`];
  });
  return `/api/bmc?opt=${opt}&type=${type}${pairs.join('')}`;
}

function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
