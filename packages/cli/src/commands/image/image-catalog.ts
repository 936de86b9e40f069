import path from 'node:path';
import { didYouMean } from '@turingpi/core/plugin';
import { type CatalogImage, loadCatalog, OWN_CATALOG, sourceOf } from '@turingpi/provisioning';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';
import { printable } from '../../render/printable.js';
import { renderTable } from '../../render/table.js';

export interface ImageCatalogOptions {
  /** Files or addresses of catalogues, instead of our own. */
  readonly catalog?: readonly string[];
  readonly os?: string;
  readonly board?: string;
  readonly json?: boolean;
}

/** `turingpi image catalog`: base images that are known, where they are said to be, and by whom. */
export async function imageCatalog(options: ImageCatalogOptions, terminal: Terminal): Promise<number> {
  using interruption = onInterruption(() => undefined);
  const all = await imagesOf(options.catalog, { cwd: terminal.cwd, signal: interruption.signal });
  const images = all.filter(
    ({ os, boards }) =>
      os === (options.os ?? os) && (options.board === undefined || boards.includes(options.board)),
  );
  const none = `no such image is known${meantBy(options, all)}\n`;
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ images })}\n`
      : images.length === 0
        ? none
        : render(images, terminal.stdout.columns),
  );
  return EXIT.ok;
}

/** A system or board of images that there are, where the one that is asked for is none. */
function meantBy({ os, board }: ImageCatalogOptions, images: readonly CatalogImage[]): string {
  const systems = images.map((image) => image.os);
  const boards = images.flatMap((image) => image.boards);
  const meant = os === undefined || systems.includes(os) ? '' : didYouMean(os, systems);
  return meant !== '' || board === undefined || boards.includes(board) ? meant : didYouMean(board, boards);
}

/**
 * The images of catalogues, one after the other.
 *
 * @param catalogs - paths or addresses; default: our own
 * @throws ProvisioningError `CATALOG_UNREADABLE`
 */
export async function imagesOf(
  catalogs: readonly string[] | undefined,
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<readonly CatalogImage[]> {
  const places = catalogs?.map((where) => (/^https?:/i.test(where) ? where : path.resolve(cwd, where)));
  const loaded = await Promise.all((places ?? [OWN_CATALOG]).map((where) => loadCatalog(where, { signal })));
  return loaded.flatMap(({ images }) => images);
}

function render(images: readonly CatalogImage[], columns: number | undefined): string {
  const rows = images.map((image) => [
    ...[image.name, image.os, image.boards.join(', ')].map(printable),
    image.sizeBytes === undefined ? 'not known' : `about ${formatBytes(image.sizeBytes)}`,
    digestOf(image),
  ]);
  const facts = images.map(
    ({ name, title, file, url, date, source, noted, fetchedByUs }) =>
      `${printable(name)}: ${printable(title)}${date === undefined ? '' : `, published ${date}`}\n` +
      `  ${printable(url ?? `${file} (no address is known)`)}\n` +
      `  ${printable(source)}; noted ${noted}; ${fetchedByUs ? 'fetched' : 'not fetched'} by us\n`,
  );
  const table = renderTable(['name', 'system', 'board', 'size', 'digest'], rows, columns);
  return `${table}\n${facts.join('')}`;
}

/** How a download is checked; where there is no digest, people compare it themselves. */
function digestOf(image: CatalogImage): string {
  const source = sourceOf(image);
  if (source === undefined) return 'not known';
  return 'sha256' in source ? 'known' : 'at the server';
}
