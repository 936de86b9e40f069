import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, CustomizedImage, SecretReference } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import {
  type BaseImageSource,
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
  readonly base: BaseImageSource;
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
/** Kept of one node: the image that it runs, the one that is to replace it, and some that were tried. */
const KEPT_OF_A_NODE = 4;

/**
 * What images were asked to be, kept in the cache directory beside them, by node and plan. Contents that callbacks wrote
 * into an image are files there, of mode 0600 as the image is.
 *
 * @remarks A file that is gone or damaged is as good as none: the image is then what it is, until its builder runs again.
 */
export class KeptRequests {
  readonly #directory: string;

  constructor(private readonly context: Pick<Context, 'node' | 'cacheDir'>) {
    this.#directory = join(context.cacheDir, DIRECTORY);
  }

  /** Keeps what an image was asked to be; an equal request is left as it is. */
  async keep(image: CustomizedImage, { recording, ...request }: KeptRequest): Promise<void> {
    const file = this.#fileOf(image);
    if (file === undefined) return;
    const record: RequestRecord = {
      version: 1,
      ...request,
      ...(recording && {
        recording: await describeRecording(recording, (sha256, bytes) => this.#keepContent(sha256, bytes)),
      }),
    };
    const text = JSON.stringify(record);
    const body = `${sha256Of(text)}\n${text}`;
    if ((await readFile(file, 'utf8').catch(() => undefined)) === body) return;
    await writeCacheFile(file, body);
    await this.#prune(file);
  }

  /** What an image was asked to be; undefined when that is not known any more. */
  async read(image: CustomizedImage): Promise<KeptRequest | undefined> {
    const file = this.#fileOf(image);
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

  async #keepContent(sha256: string, bytes: Uint8Array): Promise<void> {
    const file = this.#contentOf(sha256);
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== bytes.length) await writeCacheFile(file, bytes);
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
    for (const name of names.filter((entry) => /^[0-9a-f]{64}$/.test(entry)))
      if (!texts.some((text) => text.includes(name))) await rm(join(this.#directory, name), { force: true });
  }

  get #node(): string {
    return nodeName(this.context.node.id);
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

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
