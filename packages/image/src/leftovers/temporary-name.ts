import { randomBytes } from 'node:crypto';
import { computerTag } from '@turingpi/foundation';

/** Who made a temporary file, as its name tells it. */
export interface TemporaryOwner {
  readonly pid: number;
  /** See {@link computerTag}; undefined in names that do not tell. */
  readonly computer: string | undefined;
}

const TEMPORARY = /^\..*\.(\d+)(?:-([0-9a-f]{8}))?\.[0-9a-f]{8,}\.turingpi-tmp$/su;
/** The names of files have 255 bytes, of which ours takes 43. */
const LONGEST_PART = 60;

/**
 * A new name for a temporary file or directory: `.<name>.<pid>-<computer>.<random>.turingpi-tmp`, by which a later run sees
 * whose it is.
 *
 * @param name - What it will be; a long one is cut off.
 */
export async function temporaryName(name: string): Promise<string> {
  const random = randomBytes(6).toString('hex');
  return `.${name.slice(0, LONGEST_PART)}.${process.pid}-${await computerTag()}.${random}.turingpi-tmp`;
}

/** Reads a name that {@link temporaryName} made; undefined for any other. */
export function parseTemporaryName(name: string): TemporaryOwner | undefined {
  const [, digits, computer] = TEMPORARY.exec(name) ?? [];
  const pid = Number(digits);
  return Number.isSafeInteger(pid) && pid > 0 ? { pid, computer } : undefined;
}
