import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expandHome } from '@turingpi/core';
import { didYouMean } from '@turingpi/core/plugin';
import { type CatalogImage, sourceOf } from '@turingpi/provisioning';
import { UsageError } from '../../process/usage-error.js';
import type { ImageChoice } from './init-options.js';
import type { Choice, Questions } from './questions.js';

/** Which system the modules of one kind get, and from which image. */
export interface ChosenImage {
  readonly os: string;
  readonly board: string;
  /** As the configuration says it: a path, or an address with a digest. */
  readonly source: string | NonNullable<ReturnType<typeof sourceOf>>;
  /** For a comment beside it. */
  readonly remark: string | undefined;
}

const OWN = '-';

export interface ChooseImagesOptions {
  /** As `--image` says it. */
  readonly given: readonly ImageChoice[];
  /** Kinds of modules that are there. */
  readonly boards: readonly string[];
  readonly systems: readonly { readonly id: string; readonly title: string }[];
  readonly catalog: readonly CatalogImage[];
  readonly questions: Questions;
  readonly cwd: string;
}

/**
 * One image for each kind of module.
 *
 * @throws UsageError for a system that no plugin brings, and for a board without an image that can be taken
 */
export async function chooseImages(options: ChooseImagesOptions): Promise<readonly ChosenImage[]> {
  const { given, boards, systems } = options;
  const known = systems.map(({ id }) => id);
  for (const { os, board } of given) {
    if (!known.includes(os))
      throw new UsageError(
        `--image names the system "${os}", which no plugin brings${didYouMean(os, known)}`,
        `Known: ${known.join(', ')}.`,
      );
    if (!boards.includes(board))
      throw new UsageError(
        `--image names the board "${board}", which is in no slot${didYouMean(board, boards)}`,
        `There: ${boards.join(', ')}.`,
      );
  }
  const chosen: ChosenImage[] = [];
  for (const board of boards) {
    const named = given.find((one) => one.board === board);
    chosen.push(named === undefined ? await askFor(board, options) : await imageOf(named, options));
  }
  return chosen;
}

/**
 * Looks for what `--image` names before anything is asked.
 *
 * @throws UsageError for neither a name in the catalogue nor a file that is there
 */
export async function assertImagesThere(
  options: Pick<ChooseImagesOptions, 'given' | 'catalog' | 'cwd'>,
): Promise<void> {
  for (const one of options.given) await imageOf(one, options);
}

async function askFor(board: string, options: ChooseImagesOptions): Promise<ChosenImage> {
  const { catalog, systems, questions } = options;
  const fitting = catalog.filter(
    ({ boards, os }) => boards.includes(board) && systems.some(({ id }) => id === os),
  );
  const choices: Choice<string>[] = fitting.map((image) => ({
    value: image.name,
    label: image.title,
    hint: sourceOf(image) === undefined ? 'to be downloaded by hand' : 'not fetched by us',
  }));
  const name = await questions.choose<string>({
    message: `Which system is to go on the ${board} modules?`,
    flag: `--image <system>/${board}=<name or path>`,
    choices: [...choices, { value: OWN, label: 'an image file of my own' }],
    initial: fitting.find((image) => sourceOf(image) !== undefined)?.name,
  });
  const image = fitting.find((one) => one.name === name);
  if (image !== undefined) return ofCatalog(image, board);
  const os = await questions.choose<string>({
    message: 'Which system is in it?',
    flag: `--image <system>/${board}=<path>`,
    choices: systems.map(({ id, title }) => ({ value: id, label: title })),
  });
  const written = await questions.text({
    message: 'Path of the image',
    flag: `--image ${os}/${board}=<path>`,
  });
  return { os, board, source: relative(written, options.cwd), remark: undefined };
}

/** @throws UsageError for neither a name in the catalogue nor a file that is there */
async function imageOf(
  { os, board, image }: ImageChoice,
  { catalog, cwd }: Pick<ChooseImagesOptions, 'catalog' | 'cwd'>,
): Promise<ChosenImage> {
  const known = catalog.find(({ name }) => name === image);
  if (known !== undefined) return { ...ofCatalog(known, board), os };
  const names = catalog.map(({ name }) => name);
  const found = await stat(path.resolve(cwd, expandHome(image))).catch(() => undefined);
  if (found?.isFile() !== true)
    throw new UsageError(
      `--image ${os}/${board}=${image} is neither a file nor a name in the catalogue${didYouMean(image, names)}`,
      '`turingpi image catalog` lists the names.',
    );
  return { os, board, source: relative(image, cwd), remark: undefined };
}

function ofCatalog(image: CatalogImage, board: string): ChosenImage {
  const source = sourceOf(image);
  const facts = `${image.title}. Source: ${image.source}; noted ${image.noted}, not fetched by us.`;
  return source === undefined
    ? {
        os: image.os,
        board,
        source: `./${image.file}`,
        remark: `${facts} Download it, compare it, and put it here.`,
      }
    : { os: image.os, board, source, remark: facts };
}

/** As it is written where that is absolute or from the home directory; else from here, as a path. */
function relative(written: string, cwd: string): string {
  if (/^~(?=$|[/\\])/.test(written) || path.isAbsolute(written)) return written;
  const inside = path.relative(cwd, path.resolve(cwd, written));
  return inside.startsWith('.') ? inside : `./${inside}`;
}
