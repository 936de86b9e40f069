import { parseByteSize } from '@turingpi/foundation';
import { InvalidArgumentError } from 'commander';

/** A size as an option says it: `500M`, `10G` (decimal), `10GiB` (binary), or bytes. */
export function parseSizeOption(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined)
    throw new InvalidArgumentError('a size is a number with a unit, for example 500M or 10G');
  return bytes;
}
