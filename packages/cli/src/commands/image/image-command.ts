import path from 'node:path';
import { findStateFiles } from '@turingpi/core';
import { makeDirectory, type Progress } from '@turingpi/foundation';
import {
  BackendImageEngine,
  DEFAULT_CACHE_BYTES,
  ImageError,
  type ImageSession,
  limitCache,
  NOTHING_RECORDED,
  type OpenImageOptions,
  UserspaceBackend,
} from '@turingpi/image';
import { byPreference } from '@turingpi/image/customization';
import envPaths from 'env-paths';
import { installedBackends } from '../../process/installed-backends.js';
import { onInterruption } from '../../process/interruption.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';
import { describeProgress } from '../../render/describe-progress.js';

/** Options of every command that opens images. */
export interface ImageCommandOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly cacheDir?: string;
  /** Is worked on; of several root filesystems it is the root. */
  readonly partition?: string | number;
  readonly backend?: NonNullable<OpenImageOptions['backend']>;
  /** Image of the docker backend's container. */
  readonly dockerImage?: string;
}

/** Progress lines are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL_MS = 2000;

/** What a command on images works with. */
export interface ImageWork {
  readonly engine: BackendImageEngine;
  readonly options: OpenImageOptions & { readonly progress: (progress: Progress) => void };
  readonly signal: AbortSignal;
  open(file: string): Promise<ImageSession>;
  /** Whether somebody still reads what is printed: `| head` stops when it has enough. */
  isRead(): boolean;
}

/** Runs a command on images: with a cache directory, progress on standard error, and stopped by Ctrl-C. */
export async function withImageWork<T>(
  { cacheDir: given, backend, dockerImage, json, partition }: ImageCommandOptions,
  terminal: Terminal,
  work: (work: ImageWork) => Promise<T>,
): Promise<T> {
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const cacheDir =
    given === undefined ? envPaths('tpi', { suffix: '' }).cache : path.resolve(terminal.cwd, given);
  await makeCacheDir(cacheDir);
  const startedAt = new Date();
  const others = byPreference(await installedBackends(terminal));
  const engine = new BackendImageEngine([new UserspaceBackend(), ...others]);
  let lastLine = Date.now(); // quick work says nothing
  const options = {
    signal,
    cacheDir,
    ...(backend === undefined ? {} : { backend }),
    ...(dockerImage === undefined ? {} : { containerImage: dockerImage }),
    ...(partition === undefined ? {} : { root: partition }),
    progress: (progress: Progress) => {
      const now = Date.now();
      if (json === true || now - lastLine < PROGRESS_INTERVAL_MS) return;
      lastLine = now;
      remark(terminal, describeProgress(progress));
    },
  };
  let isRead = true;
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') isRead = false;
  };
  terminal.stdout.on('error', onError);
  try {
    return await work({
      engine,
      options,
      signal,
      open: (file) => engine.open(path.resolve(terminal.cwd, file), options),
      isRead: () => isRead,
    });
  } finally {
    terminal.stdout.off('error', onError);
    // Where a state file is, runs keep the cache within the limit of their configuration.
    if (!signal.aborted && (await findStateFiles(cacheDir)).length === 0)
      await limitCache({
        cacheDir,
        recorded: NOTHING_RECORDED,
        startedAt,
        maxBytes: DEFAULT_CACHE_BYTES,
        signal,
      });
  }
}

async function makeCacheDir(directory: string): Promise<void> {
  try {
    await makeDirectory(directory);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ImageError('IMAGE_WRITE_FAILED', `the cache directory ${directory} cannot be made: ${why}`, {
      cause,
      hint: 'Choose another one with --cache-dir.',
    });
  }
}
