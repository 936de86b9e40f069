import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@turingpi/foundation';
import { z } from 'zod';
import { StateError } from '../errors/state-error.js';

/** What a sealed file may hold, by the version in its header: the records of one board, or of several by their names. */
export const ARCHIVE_VERSIONS = { ofOne: 1, ofSeveral: 2 } as const;
type ArchiveVersion = (typeof ARCHIVE_VERSIONS)[keyof typeof ARCHIVE_VERSIONS];
const KNOWN_VERSIONS = Object.values(ARCHIVE_VERSIONS);
const FORMAT = 'turingpi-state-archive';
/** 64 MiB of memory for each guess at a passphrase. */
const COST = 2 ** 16;
const MAX_COST = 2 ** 18;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const [BLOCK_SIZE, PARALLEL] = [8, 1];

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const exactly = (count: number) => z.base64().refine((text) => Buffer.from(text, 'base64').length === count);
const header = z.object({
  format: z.literal(FORMAT),
  version: z.literal(KNOWN_VERSIONS),
  kdf: z.object({
    name: z.literal('scrypt'),
    cost: z
      .int()
      .min(2)
      .max(MAX_COST)
      .refine((cost) => Number.isInteger(Math.log2(cost))),
    blockSize: z.literal(BLOCK_SIZE),
    parallel: z.literal(PARALLEL),
    salt: exactly(SALT_BYTES),
  }),
  cipher: z.literal('aes-256-gcm'),
  iv: exactly(IV_BYTES),
  createdAt: z.string(),
});
type Header = z.infer<typeof header>;
const sealed = z.object({ header, digest: z.string(), tag: exactly(TAG_BYTES).pipe(bytes), data: bytes });

/**
 * Encrypts a text with a passphrase. Nothing of it can be read or altered without; the header says how to open it.
 *
 * @param createdAt - ISO 8601
 */
export async function sealArchive(
  text: string,
  passphrase: Secret,
  createdAt: string,
  version: ArchiveVersion = ARCHIVE_VERSIONS.ofOne,
): Promise<string> {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const head: Header = {
    format: FORMAT,
    version,
    kdf: {
      name: 'scrypt',
      cost: COST,
      blockSize: BLOCK_SIZE,
      parallel: PARALLEL,
      salt: salt.toString('base64'),
    },
    cipher: 'aes-256-gcm',
    iv: iv.toString('base64'),
    createdAt,
  };
  const cipher = createCipheriv('aes-256-gcm', await keyOf(head, passphrase), iv);
  cipher.setAAD(Buffer.from(JSON.stringify(head)));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const tag = cipher.getAuthTag();
  const file = {
    header: head,
    digest: digestOf(head, data, tag),
    tag: tag.toString('base64'),
    data: data.toString('base64'),
  };
  return `${JSON.stringify(file)}\n`;
}

/**
 * Decrypts what {@link sealArchive} made.
 *
 * @param place - the file, for messages
 * @throws StateError `STATE_ARCHIVE_DAMAGED` for what is no whole archive, `STATE_ARCHIVE_PASSPHRASE` for another passphrase,
 * `STATE_UNSUPPORTED_VERSION` for the archive of a newer program.
 */
export async function openArchive(file: string, passphrase: Secret, place: string): Promise<string> {
  const value = valueOf(file);
  const version = z.object({ header: z.object({ version: z.int() }) }).safeParse(value);
  const newest = Math.max(...KNOWN_VERSIONS);
  if (version.success && version.data.header.version > newest)
    throw new StateError(
      'STATE_UNSUPPORTED_VERSION',
      `the archive ${place} has version ${version.data.header.version}; this program knows version ${newest}`,
      { hint: 'Upgrade turingpi.' },
    );
  const parsed = sealed.safeParse(value);
  if (!parsed.success) throw archiveDamaged(place);
  const { header: head, digest, tag, data } = parsed.data;
  // Before the passphrase is tried: what came over whole and does not open was sealed with another one.
  if (digest !== digestOf(head, data, tag)) throw archiveDamaged(place);
  const key = await keyOf(head, passphrase);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(head.iv, 'base64'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(JSON.stringify(head)));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
  } catch {
    throw new StateError('STATE_ARCHIVE_PASSPHRASE', `the passphrase does not open the archive ${place}`, {
      hint: 'Nothing was changed. Give the passphrase with which it was exported.',
    });
  }
}

/** Something is no archive of ours, or not all of it. */
export function archiveDamaged(place: string): StateError {
  return new StateError('STATE_ARCHIVE_DAMAGED', `${place} is no archive of a state, or it is damaged`, {
    hint: 'Nothing was changed. `turingpi state export` makes such a file; copy it again, whole.',
  });
}

/** Tells what was damaged on the way, not what was altered on purpose: that the cipher's tag tells. */
function digestOf(head: Header, data: Buffer, tag: Buffer): string {
  return createHash('sha256').update(JSON.stringify(head)).update(data).update(tag).digest('hex');
}

function keyOf({ kdf }: Header, passphrase: Secret): Promise<Buffer> {
  const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
  return derive(passphrase.reveal().normalize('NFC'), Buffer.from(kdf.salt, 'base64'), KEY_BYTES, {
    N: kdf.cost,
    r: kdf.blockSize,
    p: kdf.parallel,
    maxmem: 2 * 128 * kdf.cost * kdf.blockSize,
  });
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
