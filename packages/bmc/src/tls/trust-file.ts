import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { BmcError } from '../errors/bmc-error.js';

const schema = z.record(
  z.string(),
  z.object({
    certificateFingerprint: z.string(),
    publicKeyPin: z.string(),
    learntAt: z.string(),
    /** What the board told about itself once it was trusted; a new certificate does not change it. */
    serial: z.string().optional(),
    mac: z.string().optional(),
  }),
);

const WRITABLE_BY_GROUP_OR_OTHERS = 0o022;

/** Confirmed keys by `host:port`. */
export type TrustedBoards = z.infer<typeof schema>;

/** An identity that the user confirmed, and when (ISO 8601). */
export type TrustedBoard = TrustedBoards[string];

/**
 * Reads confirmed keys. One look opens, examines and reads the same file.
 *
 * @param file - undefined, or one that is not there: nothing was confirmed
 * @throws BmcError BMC_TRUST_STORE_UNREADABLE when it cannot be read or understood, or when others may have written to it
 */
export async function readTrustFile(file: string | undefined): Promise<TrustedBoards> {
  if (file === undefined) return {};
  try {
    await using opened = await open(file, 'r');
    const { uid, mode } = await opened.stat();
    const userId = process.getuid?.(); // Windows keeps a user's own directories by other means
    if (userId !== undefined && uid !== userId)
      throw unreadable(file, `they belong to user ${uid}, not to you (${userId})`);
    if (userId !== undefined && (mode & WRITABLE_BY_GROUP_OR_OTHERS) !== 0)
      throw unreadable(file, `other users can write to it: \`chmod go-w ${file}\``);
    return schema.parse(JSON.parse(await opened.readFile('utf8')));
  } catch (cause) {
    if (BmcError.is(cause)) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unreadable(file, undefined, cause);
  }
}

/**
 * Writes confirmed keys whole or not at all.
 *
 * @throws BmcError BMC_TRUST_STORE_UNWRITABLE
 */
export async function writeTrustFile(file: string, boards: TrustedBoards): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, `${JSON.stringify(boards, undefined, 2)}\n`, { mode: 0o600, flush: true });
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new BmcError('BMC_TRUST_STORE_UNWRITABLE', `cannot write the trusted boards to ${file}`, { cause });
  }
}

function unreadable(file: string, why?: string, cause?: unknown): BmcError {
  const reason = why === undefined ? '' : `: ${why}`;
  return new BmcError('BMC_TRUST_STORE_UNREADABLE', `cannot read the trusted boards in ${file}${reason}`, {
    cause,
  });
}
