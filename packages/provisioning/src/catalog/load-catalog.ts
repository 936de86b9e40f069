import { fileURLToPath } from 'node:url';
import { describeIssues, IN_PLAIN_WORDS } from '@turingpi/core/plugin';
import { readRegularFile, TuringPiError } from '@turingpi/foundation';
import { z } from 'zod';
import { ProvisioningError } from '../provisioning-error.js';
import type { BaseImageCatalog } from './base-image-catalog.js';

/** The catalogue that comes with this package. */
export const OWN_CATALOG = fileURLToPath(new URL('../../catalog/base-images.json', import.meta.url));

/** No catalogue is longer, in bytes. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * Reads a catalogue of base images.
 *
 * @param where - an absolute path, or an address of http or https
 * @throws ProvisioningError `CATALOG_UNREADABLE`, also for a file that is no catalogue; the signal's reason
 */
export async function loadCatalog(
  where: string,
  {
    signal,
    fetch = globalThis.fetch,
  }: { readonly signal: AbortSignal; readonly fetch?: typeof globalThis.fetch },
): Promise<BaseImageCatalog> {
  let value: unknown;
  try {
    value = JSON.parse(/^https?:/i.test(where) ? await download(where, signal, fetch) : await read(where));
  } catch (cause) {
    signal.throwIfAborted();
    if (TuringPiError.is(cause)) throw cause;
    throw unreadable(where, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const { catalogSchema } = await import('./base-image-catalog.js'); // most commands read no catalogue
  const parsed = catalogSchema.safeParse(value, IN_PLAIN_WORDS);
  if (parsed.success) return parsed.data;
  const [issue] = describeIssues(parsed.error.issues, catalogSchema);
  throw unreadable(
    where,
    `${z.core.toDotPath(issue?.path ?? [])} ${issue?.message ?? ''}`.trim(),
    parsed.error,
  );
}

async function read(file: string): Promise<string> {
  return (await readRegularFile(file)).toString('utf8');
}

async function download(url: string, signal: AbortSignal, fetch: typeof globalThis.fetch): Promise<string> {
  const reply = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  if (!reply.ok) throw unreadable(url, `the server answers ${reply.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (reply.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw unreadable(url, `it has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreadable(where: string, why: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError('CATALOG_UNREADABLE', `the catalogue ${where} cannot be used: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    category: 'configuration',
    hint: 'A catalogue is JSON, as catalog/base-images.schema.json of @turingpi/provisioning says it.',
  });
}
