import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A size as an option says it: `500M`, `10G` (decimal), `10GiB` (binary), or bytes. */
export function parseByteSize(text: string): number {
  const [, digits, unit = '', binary] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(text) ?? [];
  const factor = (binary === '' ? UNITS : BINARY)[unit.toLowerCase()];
  const bytes = Number(digits) * (factor ?? Number.NaN);
  if (!Number.isSafeInteger(Math.round(bytes)))
    throw new InvalidArgumentError('a size is a number with a unit, for example 500M or 10G');
  return Math.round(bytes);
}
