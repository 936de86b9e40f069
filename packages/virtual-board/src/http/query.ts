import type { NodeId } from '@turingpi/foundation';
import { RequestError } from './request-error.js';

/** A query string as the daemon sees it: raw for routing, decoded for parameters. */
export class Query {
  readonly #values: ReadonlyMap<string, string>;

  /** @param raw - What follows the question mark, undecoded. */
  constructor(readonly raw: string) {
    // A Map built from repeated keys keeps the last value, as the daemon does.
    this.#values = new Map(new URLSearchParams(raw));
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /**
   * The substring search by which flash, firmware and node_info routes are chosen
   * (docs/reference/bmc-protocol.md, "Choosing a route").
   */
  mentions(...parts: readonly string[]): boolean {
    return parts.every((part) => this.raw.includes(part));
  }

  /** The fork's choice of those routes: by the whole value of the first such key in the raw query. */
  firstRaw(key: string): string | undefined {
    const pair = this.raw.split('&').find((one) => one === key || one.startsWith(`${key}=`));
    return pair?.slice(key.length + 1);
  }

  /** The zero-based `node` parameter as a slot. @throws RequestError */
  node(): NodeId {
    const text = this.get('node');
    if (text === undefined) throw new RequestError(400, 'Missing `node` parameter');
    const value = parseI32(text);
    if (value === undefined) throw new RequestError(400, 'Parameter `node` is not a number');
    const index = value & 0xff; // only the low eight bits are looked at
    if (index > 3) throw new RequestError(400, 'Parameter `node` is out of range 0..3 of node IDs');
    return (index + 1) as NodeId;
  }
}

/** A decimal 32-bit signed integer, a leading plus allowed; undefined for anything else. */
export function parseI32(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value >= -(2n ** 31n) && value < 2n ** 31n ? Number(value) : undefined;
}

/** A decimal unsigned integer of `bits` bits, a leading plus allowed; undefined for anything else. */
export function parseUnsigned(text: string, bits: 32 | 64): bigint | undefined {
  if (!/^\+?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value < 2n ** BigInt(bits) ? value : undefined;
}
