import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, CustomizedImage, NamedInputs, SecretReference } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import {
  describeRecording,
  type ImageRecording,
  type RecordingRecord,
  restoreRecording,
} from '@turingpi/image/customization';
import { writeCacheFile } from '../cache/write-cache-file.js';
import type { FirstBootCredentials } from './first-boot-credentials.js';
import type { NetworkConfig } from './network-config.js';

/** What an image was asked to be, as data: enough to make it again, also in another process. */
export interface KeptRequest {
  /** What decided the image: it stays what it was when the image is made again. Secrets are keyed digests. */
  readonly inputs: NamedInputs;
  /** Path of the base image on this computer, where one that is given by URL was downloaded to. */
  readonly base: string;
  readonly network: NetworkConfig;
  /** Without the password. */
  readonly credentials: Omit<FirstBootCredentials, 'password'> | undefined;
  /** Where the password is. */
  readonly password: SecretReference | undefined;
  readonly recording: ImageRecording | undefined;
  readonly acceptMismatch: boolean;
  readonly requiresRoot: boolean;
}

type RequestRecord = Omit<KeptRequest, 'recording'> & {
  readonly version: 1;
  readonly recording?: RecordingRecord;
};

const DIRECTORY = 'requests';
/** Kept of a node: what it runs, what is to replace it, and some that were tried. */
const KEPT_OF_A_NODE = 16;
/** Contents that are younger may be of a request that is only being written. */
const CONTENT_AGE_MS = 3_600_000;
/** What could not be written, or is only planned, by file: it is known to this process at least. */
const unwritten = new Map<string, KeptRequest>();

/**
 * What images were asked to be, kept in the cache directory beside them, by node and plan. Contents that callbacks wrote
 * into an image are files there, of mode 0600 as the image is.
 *
 * @remarks A file that is gone or damaged is as good as none: the image is then what it is, until its builder runs again.
 */
export class KeptRequests {
  readonly #directory: string;

  constructor(private readonly context: Pick<Context, 'node' | 'cacheDir' | 'planning'>) {
    this.#directory = join(context.cacheDir, DIRECTORY);
  }

  /** Keeps what an image was asked to be; an equal request is left as it is. */
  async keep(image: CustomizedImage, kept: KeptRequest): Promise<void> {
    const file = this.#fileOf(image);
    if (file === undefined) return;
    if (this.context.planning) return void unwritten.set(file, kept);
    const { recording, ...request } = kept;
    let written = true;
    const record: RequestRecord = {
      version: 1,
      ...request,
      ...(recording && {
        recording: await describeRecording(recording, async (sha256, bytes) => {
          written = (await this.#keepContent(sha256, bytes)) && written;
        }),
      }),
    };
    const text = JSON.stringify(record);
    const body = `${sha256Of(text)}\n${text}`;
    const isThere = (await readFile(file, 'utf8').catch(() => undefined)) === body;
    if (isThere)
      await utimes(file, new Date(), new Date()).catch(() => undefined); // in use: the last to go
    else written = (await writeCacheFile(file, body)) && written;
    if (written) unwritten.delete(file);
    else unwritten.set(file, kept);
    if (!isThere) await this.#prune(file);
  }

  /** What an image was asked to be; undefined when that is not known any more. */
  async read(image: CustomizedImage): Promise<KeptRequest | undefined> {
    const file = this.#fileOf(image);
    const here = file === undefined ? undefined : unwritten.get(file);
    if (here !== undefined) return here;
    const record = file === undefined ? undefined : await this.#parse(file);
    if (record === undefined) return undefined;
    const { version: _version, recording, ...request } = record;
    if (recording === undefined) return { ...request, recording };
    const restored = await restoreRecording(recording, (sha256) =>
      readFile(this.#contentOf(sha256)).catch(() => undefined),
    );
    return restored && { ...request, recording: restored };
  }

  async #parse(file: string): Promise<RequestRecord | undefined> {
    const body = await readFile(file, 'utf8').catch(() => '');
    const end = body.indexOf('\n');
    const text = body.slice(end + 1);
    if (end < 0 || body.slice(0, end) !== sha256Of(text)) return undefined;
    const record = JSON.parse(text) as RequestRecord;
    return (record.version as number) === 1 ? record : undefined; // of a later version: not for us
  }

  /** @returns Whether it is there. */
  async #keepContent(sha256: string, bytes: Uint8Array): Promise<boolean> {
    const file = this.#contentOf(sha256);
    const found = await readFile(file).catch(() => undefined);
    return (found !== undefined && sha256Of(found) === sha256) || (await writeCacheFile(file, bytes));
  }

  /** The oldest requests of the node go, and contents that no request of any node names. */
  async #prune(newest: string): Promise<void> {
    try {
      const names = await readdir(this.#directory);
      const requests = names.filter((name) => name.endsWith('.json'));
      const own = requests.filter((name) => name.startsWith(`${this.#node}-`));
      const dated = await Promise.all(
        own.map(async (name) => ({ name, at: (await stat(join(this.#directory, name))).mtimeMs })),
      );
      const old = dated.sort((a, b) => b.at - a.at).slice(KEPT_OF_A_NODE);
      for (const { name } of old)
        if (join(this.#directory, name) !== newest) await rm(join(this.#directory, name), { force: true });
      if (old.length > 0) await this.#pruneContents(names);
    } catch {
      return; // somebody else's files, or a disk that may only be read: too many are no harm
    }
  }

  async #pruneContents(names: readonly string[]): Promise<void> {
    const left = (await readdir(this.#directory)).filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(left.map((name) => readFile(join(this.#directory, name), 'utf8')));
    const oldest = Date.now() - CONTENT_AGE_MS;
    // Also what a process that was killed had begun to write.
    for (const name of names.filter((entry) => !entry.endsWith('.json'))) {
      if (texts.some((text) => text.includes(name))) continue;
      const file = join(this.#directory, name);
      if ((await stat(file)).mtimeMs < oldest) await rm(file, { force: true });
    }
  }

  /** Several boards have nodes of one number in one directory: those of one must not push out the others'. */
  get #node(): string {
    const { id, board } = this.context.node;
    return board === undefined ? nodeName(id) : `${board}.${nodeName(id)}`;
  }

  #fileOf({ plan }: CustomizedImage): string | undefined {
    // The plan may come from a record that somebody else wrote: it is a file name only as a digest.
    if (plan === undefined || !/^[0-9a-f]{64}$/.test(plan)) return undefined;
    return join(this.#directory, `${this.#node}-${plan}.json`);
  }

  #contentOf(sha256: string): string {
    return join(this.#directory, /^[0-9a-f]{64}$/.test(sha256) ? sha256 : 'none');
  }
}

function sha256Of(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
