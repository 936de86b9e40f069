import path from 'node:path';
import { type CacheEntry, type CacheEntryKind, listCache, pruneCache, verifyCache } from '@turingpi/image';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';
import { localTime } from '../../render/local-time.js';
import { printable } from '../../render/printable.js';
import { renderTable } from '../../render/table.js';
import { type CacheCommandOptions, findCache } from './cache-location.js';

export interface CachePruneOptions extends CacheCommandOptions {
  /** Bytes. */
  readonly maxSize?: number;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

export interface CacheVerifyOptions extends CacheCommandOptions {
  readonly fix?: boolean;
}

const TITLES: Readonly<Record<CacheEntryKind, string>> = {
  result: 'customised image',
  download: 'base image',
  'partial-download': 'unfinished download',
  base: 'converted base',
  block: 'pieces of blocks',
  request: 'what images were asked to be',
};

/** Told as one line each: of these there are many small files. */
const SMALL: readonly CacheEntryKind[] = ['block', 'request'];

/** `turingpi cache list`: what lies in the cache, the longest unused first. */
export async function cacheList(options: CacheCommandOptions, terminal: Terminal): Promise<number> {
  const location = await findCache(options, terminal);
  const entries = await listCache(location);
  const totalBytes = sizeOf(entries);
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify({ cacheDir: location.cacheDir, totalBytes, entries })}\n`);
    return EXIT.ok;
  }
  const rows: string[][] = [];
  for (const entry of entries.filter(({ kind }) => !SMALL.includes(kind))) {
    const file = path.relative(location.cacheDir, entry.path);
    const remarks = [entry.recorded ? 'in the state' : undefined, entry.inUse, entry.origin];
    rows.push([
      TITLES[entry.kind],
      printable(file.length > 40 ? `${file.slice(0, 28)}…${file.slice(-11)}` : file),
      formatBytes(entry.sizeBytes),
      localTime(entry.lastUsed),
      printable(remarks.filter((remark) => remark !== undefined).join(', ')),
    ]);
  }
  for (const small of SMALL) {
    const files = entries.filter(({ kind }) => kind === small);
    const last = files.at(-1);
    if (last === undefined) continue;
    const size = formatBytes(sizeOf(files));
    rows.push([TITLES[small], `${files.length} files`, size, localTime(last.lastUsed), '']);
  }
  const table = renderTable(['what', 'file', 'size', 'last used', ''], rows, terminal.stdout.columns);
  terminal.stdout.write(`${table}\n${formatBytes(totalBytes)} in ${location.cacheDir}\n`);
  return EXIT.ok;
}

/** `turingpi cache prune`: makes room. */
export async function cachePrune(options: CachePruneOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => undefined);
  const pruned = await pruneCache({
    ...(await findCache(options, terminal)),
    signal: interruption.signal,
    ...(options.maxSize === undefined ? {} : { maxBytes: options.maxSize }),
    ...(options.all === undefined ? {} : { all: options.all }),
    ...(options.dryRun === undefined ? {} : { dryRun: options.dryRun }),
  });
  if (options.json === true) {
    terminal.stdout.write(
      `${JSON.stringify({ event: 'pruned', dryRun: options.dryRun === true, ...pruned })}\n`,
    );
    return pruned.failed.length === 0 ? EXIT.ok : EXIT.failed;
  }
  const verb = options.dryRun === true ? 'would remove' : 'removed';
  for (const { name } of pruned.leftovers)
    terminal.stdout.write(`${verb} ${printable(name)} (left by a dead run)\n`);
  for (const { path: file, kind, sizeBytes } of pruned.removed)
    terminal.stdout.write(`${verb} ${printable(file)} (${TITLES[kind]}, ${formatBytes(sizeBytes)})\n`);
  for (const { path: file, why } of pruned.failed)
    terminal.stderr.write(`not removed: ${printable(file)}: ${printable(why)}\n`);
  terminal.stdout.write(
    `${formatBytes(pruned.freedBytes)} ${options.dryRun === true ? 'would be freed' : 'freed'}, ${formatBytes(pruned.keptBytes)} left\n`,
  );
  return pruned.failed.length === 0 ? EXIT.ok : EXIT.failed;
}

/** `turingpi cache verify`: compares digests and looks at permissions. Exit code 1 when something is left to do. */
export async function cacheVerify(options: CacheVerifyOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => undefined);
  const location = await findCache(options, terminal);
  let sound = 0;
  let open = 0;
  const verified = verifyCache({
    ...location,
    signal: interruption.signal,
    ...(options.fix === undefined ? {} : { fix: options.fix }),
  });
  for await (const { entry, content, exposed, done } of verified) {
    if (content === 'damaged' && !done.includes('removed')) open += 1;
    else if (exposed && done.length === 0) open += 1;
    if (content === 'sound') sound += 1;
    if (options.json === true)
      terminal.stdout.write(
        `${JSON.stringify({ path: entry.path, kind: entry.kind, content, exposed, done })}\n`,
      );
    else if (content === 'damaged' || exposed) {
      const problems = [
        ...(content === 'damaged' ? ['damaged'] : []),
        ...(exposed ? ['readable by others'] : []),
      ];
      const outcome = done.length === 0 ? '' : `: ${done.join(', ')}`;
      terminal.stdout.write(`${printable(entry.path)}: ${problems.join(', ')}${outcome}\n`);
    }
  }
  if (options.json !== true)
    terminal.stdout.write(
      `${sound} files are as they must be${open === 0 ? '' : `, ${open} are not${options.fix === true ? '' : '; --fix repairs what can be made again'}`}.\n`,
    );
  return open === 0 ? EXIT.ok : EXIT.failed;
}

function sizeOf(entries: readonly CacheEntry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
