import type { ImageFileOptions, ImageFileStat, ImageModifier } from './image-modifier.js';
import type { FileAttributes } from '../filesystem/file-system.js';
import { splitImagePath } from '../filesystem/link-resolver.js';
import { ImageError } from '../image-error.js';
import type { ImageChange } from './image-operation.js';
import { inspectLocalFile, readTemplate, walkLocalDirectory } from './local-source.js';
import type { RecordedPartition } from './recorded-partition.js';
import { renderTemplate } from './render-template.js';

const MAX_ID = 0xffff_fffe;

/** What a modifier needs of the recording it belongs to. */
export interface RecordingSession {
  readonly signal: AbortSignal;
  /** Runs one call after the others, if the callback has not ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
  partition(selector: string | number): Promise<RecordedPartition>;
  /** Keeps a change that was found possible. */
  record(partition: RecordedPartition, change: ImageChange): void;
}

/** The {@link ImageModifier} of a callback: it records what is asked and answers from what was recorded. */
export class RecordingModifier implements ImageModifier {
  constructor(
    private readonly session: RecordingSession,
    private readonly selector: string | number,
  ) {}

  writeFile(path: string, content: string | Uint8Array, options: ImageFileOptions = {}): Promise<void> {
    const bytes = copyOf(content); // the caller may change its buffer before it is applied
    return this.#call('writeFile', [path], (partition) =>
      this.#change(partition, {
        call: 'writeFile',
        path,
        content: { kind: 'bytes', bytes: assertContent(bytes) },
        attributes: attributesOf(options),
      }),
    );
  }

  appendFile(path: string, content: string | Uint8Array): Promise<void> {
    const bytes = copyOf(content);
    return this.#call('appendFile', [path], (partition) =>
      this.#change(partition, {
        call: 'appendFile',
        path,
        content: { kind: 'bytes', bytes: assertContent(bytes) },
        attributes: {},
      }),
    );
  }

  readFile(path: string): Promise<Buffer> {
    return this.#call('readFile', [path], ({ files }) => files.readFile(path));
  }

  copyLocalFile(source: string, path: string, options: ImageFileOptions = {}): Promise<void> {
    return this.#call('copyLocalFile', [path], (partition) =>
      this.#copyFile(partition, source, path, options),
    );
  }

  copyLocalDirectory(source: string, path: string, options: ImageFileOptions = {}): Promise<void> {
    return this.#call('copyLocalDirectory', [path], async (partition) => {
      const owner = attributesOf({ ...options, mode: undefined }); // a given mode is for the files
      const base = path.replace(/\/+$/, '');
      for await (const entry of walkLocalDirectory(source, this.session.signal)) {
        const target = `${base}${entry.path}` || '/';
        assertImagePath(target);
        if (entry.type === 'file') await this.#copyFile(partition, entry.source, target, options);
        else if (entry.type === 'symlink')
          await this.#change(partition, { call: 'symlink', path: target, target: entry.target });
        else {
          // An existing directory of the image, such as /etc, keeps its own mode and owner.
          const exists = await partition.files.exists(target);
          const attributes = exists ? {} : { ...owner, mode: entry.mode };
          await this.#change(partition, { call: 'mkdir', path: target, attributes });
        }
      }
    });
  }

  writeTemplate(
    source: string,
    path: string,
    values: Readonly<Record<string, string | number>>,
    options: ImageFileOptions = {},
  ): Promise<void> {
    return this.#call('writeTemplate', [path], async (partition) => {
      const bytes = Buffer.from(renderTemplate(await readTemplate(source), values, source));
      await this.#change(partition, {
        call: 'writeFile',
        path,
        content: { kind: 'bytes', bytes },
        attributes: attributesOf(options),
      });
    });
  }

  mkdir(path: string, options: ImageFileOptions = {}): Promise<void> {
    return this.#call('mkdir', [path], (partition) =>
      this.#change(partition, { call: 'mkdir', path, attributes: attributesOf(options) }),
    );
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#setAttributes('chmod', path, { mode });
  }

  chown(path: string, uid: number, gid: number): Promise<void> {
    return this.#setAttributes('chown', path, { uid, gid });
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#call('symlink', [path], (partition) => {
      if (typeof target !== 'string') throw new ImageError('IMAGE_PATH_INVALID', 'The target is not a text.');
      return this.#change(partition, { call: 'symlink', path, target });
    });
  }

  remove(path: string): Promise<void> {
    return this.#call('remove', [path], (partition) => this.#change(partition, { call: 'remove', path }));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', [from, to], (partition) =>
      this.#change(partition, { call: 'rename', path: from, to }),
    );
  }

  exists(path: string): Promise<boolean> {
    return this.#call('exists', [path], ({ files }) => files.exists(path));
  }

  stat(path: string): Promise<ImageFileStat> {
    return this.#call('stat', [path], async ({ files }) => {
      const { type, mode, uid, gid, size, mtime } = await files.stat(path);
      const isPlain = type === 'file' || type === 'directory' || type === 'symlink';
      return { type: isPlain ? type : 'other', mode, uid, gid, size, mtime };
    });
  }

  list(path: string): Promise<string[]> {
    return this.#call('list', [path], async ({ files }) =>
      (await files.list(path)).map(({ name }) => name).sort(),
    );
  }

  partition(selector: string | number): ImageModifier {
    return new RecordingModifier(this.session, selector);
  }

  #setAttributes(call: string, path: string, attributes: FileAttributes): Promise<void> {
    return this.#call(call, [path], (partition) =>
      this.#change(partition, { call: 'setAttributes', path, attributes: attributesOf(attributes) }),
    );
  }

  async #copyFile(
    partition: RecordedPartition,
    source: string,
    path: string,
    options: ImageFileOptions,
  ): Promise<void> {
    const { content, mode } = await inspectLocalFile(source, this.session.signal);
    const attributes = { mode, ...attributesOf(options) };
    await this.#change(partition, { call: 'writeFile', path, content, attributes });
  }

  async #change(partition: RecordedPartition, change: ImageChange): Promise<void> {
    await partition.apply(change);
    this.session.record(partition, change);
  }

  /** Runs one call of the callback; an error names the call and its path. */
  #call<T>(
    call: string,
    paths: readonly string[],
    work: (partition: RecordedPartition) => Promise<T>,
  ): Promise<T> {
    return this.session.run(async () => {
      try {
        for (const path of paths) assertImagePath(path);
        return await work(await this.session.partition(this.selector));
      } catch (cause) {
        if (!(cause instanceof ImageError)) throw cause;
        const where = `${call}(${paths.map((path) => JSON.stringify(path)).join(', ')})`;
        throw new ImageError(cause.code, `${where}: ${cause.message}`, {
          cause,
          hint: cause.hint,
          details: { ...cause.details, call, path: paths[0] },
        });
      }
    });
  }
}

/** Refuses what no path inside an image may be; links that the image itself has may contain `..`, paths may not. */
function assertImagePath(path: string): void {
  if (typeof path !== 'string') throw new ImageError('IMAGE_PATH_INVALID', 'The path is not a text.');
  if (splitImagePath(path).includes('..'))
    throw new ImageError('IMAGE_PATH_INVALID', `${JSON.stringify(path)} contains "..".`, {
      details: { path },
    });
}

/** A copy of a content; undefined for what is none: code without types may give anything. */
function copyOf(content: unknown): Buffer | undefined {
  return typeof content === 'string' || content instanceof Uint8Array ? Buffer.from(content) : undefined;
}

function assertContent(bytes: Buffer | undefined): Buffer {
  if (bytes !== undefined) return bytes;
  throw new ImageError('IMAGE_OPERATION_UNSUPPORTED', 'The content is neither a text nor bytes.');
}

/** Attributes as they come from outside. */
type GivenAttributes = { readonly [Name in keyof ImageFileOptions]: ImageFileOptions[Name] | undefined };

/** The attributes that were given. @throws ImageError `IMAGE_OPERATION_UNSUPPORTED` for impossible ones. */
function attributesOf({ mode, uid, gid, mtime }: GivenAttributes): FileAttributes {
  const impossible = (what: string) =>
    new ImageError('IMAGE_OPERATION_UNSUPPORTED', `${what} is not possible.`, { details: { what } });
  const within = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most;
  if (mode !== undefined && !within(mode, 0o7777)) throw impossible(`mode ${mode}`);
  if (uid !== undefined && !within(uid, MAX_ID)) throw impossible(`owner ${uid}`);
  if (gid !== undefined && !within(gid, MAX_ID)) throw impossible(`group ${gid}`);
  if (mtime !== undefined && (!(mtime instanceof Date) || Number.isNaN(mtime.getTime())))
    throw impossible('an invalid date as mtime');
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mtime === undefined ? {} : { mtime: new Date(mtime) }),
  };
}
