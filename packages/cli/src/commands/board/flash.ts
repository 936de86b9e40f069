import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { nodeName, type NodeId } from '@turingpi/core';
import { BackendImageEngine, openImageDisk } from '@turingpi/image';
import envPaths from 'env-paths';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { describeProgress } from '../../render/describe-progress.js';
import { formatBytes, formatDuration } from '../../render/format.js';

export interface FlashOptions extends BoardOptions {
  readonly node?: readonly NodeId[];
  readonly yes?: boolean;
  /** Switch the node on afterwards. */
  readonly powerOn?: boolean;
}

/** Progress lines are at least this far apart when nobody watches live, in milliseconds. */
const PROGRESS_INTERVAL_MS = 2000;

/** `turingpi flash IMAGE`: writes an image file to a node, as it is. Succeeds only when the board verified it. */
export async function flash(image: string, options: FlashOptions, terminal: Terminal): Promise<number> {
  const [node, ...others] = options.node ?? [];
  if (node === undefined || others.length > 0)
    throw new UsageError('flash needs --node with one node', 'Example: turingpi flash image.img.xz --node 2');
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const file = path.resolve(terminal.cwd, image);
  const cacheDir = envPaths('tpi', { suffix: '' }).cache;
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const format = await formatOf(file, cacheDir, signal);

  await using board = await openBoard(options, terminal);
  const { host } = board.endpoint;
  const question = `Overwrite everything on the storage of ${nodeName(node)} of ${host} with ${file}?`;
  if (!(await confirm(question, options, terminal))) {
    terminal.stdout.write('Nothing was changed.\n');
    return EXIT.failed;
  }
  const engine = new BackendImageEngine();
  let lastLine = 0;
  const result = await board.flashNode({
    node,
    signal,
    image: { format, open: (wanted, openSignal) => engine.stream(file, wanted, { signal: openSignal }) },
    progress: (progress) => {
      const now = Date.now();
      if (now - lastLine < PROGRESS_INTERVAL_MS) return;
      lastLine = now;
      terminal.stdout.write(
        options.json === true
          ? `${JSON.stringify({ event: 'progress', node, ...progress })}\n`
          : `${describeProgress(progress)}\n`,
      );
    },
  });
  if (options.powerOn === true) await board.power.on(node, { signal });
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ event: 'flashed', ...result })}\n`
      : `${nodeName(node)} holds the image: ${result.rawSizeBytes === undefined ? 'it was' : formatBytes(result.rawSizeBytes)} written and verified in ${formatDuration(result.durationMs)}; it is ${options.powerOn === true ? 'on' : 'off'}.\n`,
  );
  return EXIT.ok;
}

/** xz goes to the board as it is, everything else decompressed. */
async function formatOf(file: string, cacheDir: string, signal: AbortSignal): Promise<'xz' | 'raw'> {
  await using source = await openImageDisk(file, { cacheDir, signal });
  return source.container === 'xz' ? 'xz' : 'raw';
}
